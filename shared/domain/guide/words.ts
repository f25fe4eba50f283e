/**
 * Words of headings and of the columns of tables in European languages, folded (small letters without accents). Whatever
 * is in none of the lists is told by its structure alone. Pure.
 */
import { folded } from './plain.ts';

const list = (text: string): readonly string[] => text.split(',').map((each) => each.trim());

/** What a part of a procedure is about. */
export const partWords = {
  symptoms: list('symptom,sintoma,anzeichen,fehlerbild,signe,objawy,verschijnsel,what you see,oznaki'),
  diagnosis: list('diagnos,investigat,pruefung der ursache,ursachensuche,analyse,fehlersuche,diagnoz,onderzoek,how to tell'),
  solutions: list('solution,resolution,remed,fixes,how to fix,losung,behebung,abhilfe,massnahmen,soluzion,solucion,solucao,oplossing,rozwiazan,naprawa'),
  prerequisites: list('prerequisit,pre-requisit,requirements,before you,voraussetzung,vorbedingung,vorbereitung,prealable,prerequis,requisit,vereisten,wymagania,before starting,preconditions'),
  validation: list('validat,verif,post-check,success criteria,uberprufung,prufung,erfolgskontrolle,kontrolle,controle,comprobacion,verifica,controleren,weryfikacja,sprawdzenie,expected result'),
  rollback: list('rollback,roll back,roll-back,back out,backout,way back,ruckweg,zuruckrollen,ruckgangig,wiederherstellen des alten,retour arriere,reversion,ripristino precedente,terugdraaien,wycofanie'),
  steps: list('steps,procedure,instructions,schritte,vorgehen,ablauf,durchfuhrung,etapes,marche a suivre,pasos,procedimiento,passaggi,procedura,passos,procedimento,stappen,werkwijze,kroki,procedura'),
  contacts: list('contact,kontakt,ansprechpartner,contatt,contato,contacto,who to call,rufnummer'),
  escalation: list('escalat,eskalation,escalad,eskalacja,weitergabe'),
} as const;
export type Part = keyof typeof partWords;

/** What a section is about. */
export const topicWords = {
  contents: list('table of contents,contents,inhalt,sommaire,table des matieres,indice,contenido,sumario,inhoud,spis tresci'),
  schedule: list('schedule,calendar,maintenance window,regular,recurring,routine,wartungsplan,zeitplan,kalender,wartungsfenster,termine,calendrier,planning,planificacion,programacion,calendario,pianificazione,cronograma,planung,harmonogram,onderhoudsvenster'),
  tiers: list('support level,support tier,tier,tiers,level 1,line support,escalation level,supportstufe,supportebene,support-stufe,niveau de support,niveaux,nivel de soporte,niveles,livelli,niveis,ondersteuningsniveau,poziom'),
  severity: list('severit,priorit,classification,criticality,response time,sla,service level,schweregrad,dringlichkeit,prioritat,reaktionszeit,stufe,gravite,criticite,temps de reponse,gravedad,severidad,tiempo de respuesta,gravita,tempo di risposta,gravidade,ernst,reactietijd,priorytet,czas reakcji'),
  alerts: list('alert,alarm,warnung,alerte,alerta,allarme,waarschuwing,notification rule'),
  roles: list('roles,responsibilit,rollen,zustandigkeit,verantwortlich,aufgabenverteilung,responsabilit,roles y,ruoli,funcoes,rol en,who does'),
  channels: list('channel,communication,notification,kanal,kanale,kommunikation,canal,canaux,comunica,kanalen,komunikacj,chat'),
  contacts: partWords.contacts,
  thresholds: list('threshold,kpi,indicator,metric,limit,target,availability,uptime,error rate,response times,schwellwert,schwellenwert,grenzwert,kennzahl,seuil,indicateur,umbral,umbrales,soglia,soglie,limiar,limiares,drempel,prog,wskaznik'),
  templates: list('template,vorlage,modele,plantilla,modello,sjabloon,szablon'),
  references: list('reference,further reading,see also,links,documentation,weiterfuhrend,verweise,literatur,references,documentacion,riferimenti,referencias,verwijzingen'),
} as const;
export type Topic = keyof typeof topicWords;

/** Columns of tables. */
export const columnWords = {
  time: list('time,uhrzeit,zeit,heure,hora,ora,orario,tijd,godzina,when,wann,at,cron,schedule,zeitplan'),
  day: list('day,weekday,tag,wochentag,jour,dia,giorno,dag,dzien'),
  date: list('date,day of month,datum,monatstag,fecha,data'),
  month: list('month,quarter,monat,quartal,mois,mes,mese,maand,miesiac'),
  frequency: list('frequency,interval,cadence,how often,haufigkeit,intervall,turnus,rhythmus,frequence,periodicite,frecuencia,frequenza,frequencia,frequentie,czestotliwosc'),
  task: list('task,activity,job,what,action,aufgabe,tatigkeit,massnahme,was,tache,activite,tarea,actividad,attivita,tarefa,atividade,taak,zadanie,work'),
  duration: list('duration,length,dauer,duree,duracion,durata,duracao,duur,czas trwania,estimate,budget'),
  script: list('script,command,skript,befehl,kommando,commande,comando'),
  owner: list('owner,responsible,who,team,verantwortlich,zustandig,wer,responsable,responsabile,responsavel,verantwoordelijke,wlasciciel,assignee'),
  metric: list('metric,kpi,indicator,measure,check,signal,parameter,kennzahl,messwert,metrik,grosse,metrique,indicateur,mesure,metrica,indicador,misura,meetwaarde,wskaznik,resource'),
  threshold: list('threshold,limit,value,target,schwellwert,schwellenwert,grenzwert,wert,ziel,seuil,valeur,umbral,valor,limite,soglia,valore,limiar,drempel,waarde,prog'),
  level: list('alert level,level,severity,alarmstufe,stufe,niveau,nivel,livello,poziom,type,class'),
  warn: list('warning,warnung,warn,yellow,gelb,avertissement,advertencia,aviso,avviso,attenzione,waarschuwing,ostrzezenie'),
  critical: list('critical,crit,red,alarm,kritisch,rot,critique,critico,kritiek,krytyczn,error'),
  severity: list('severity,priority,class,schweregrad,prioritat,stufe,gravite,priorite,gravedad,severidad,prioridad,gravita,priorita,gravidade,prioridade,ernst,prioriteit,priorytet,incident level'),
  acknowledge: list('acknowledg,ack,bestatigung,quittierung,accuse,acuse,bevestiging,potwierdzenie'),
  respond: list('response,respond,reaction,reaktion,reponse,respuesta,risposta,resposta,reactie,reakcj,first reply'),
  update: list('update,status,communication every,aktualisierung,zwischenstand,nachste meldung,statusmeldung,mise a jour,actualizacion,aggiornamento,atualizacao,aktualizacja'),
  escalate: list('escalat,eskalation,escalad,eskalacj'),
  resolve: list('resol,fix,restore,losung,behebung,wiederherstellung,soluci,oplossing,rozwiazan,target time'),
  examples: list('example,description,definition,meaning,impact,beispiel,beschreibung,bedeutung,auswirkung,exemple,ejemplo,descripcion,esempio,descrizione,exemplo,descricao,voorbeeld,omschrijving,opis'),
  role: list('role,function,name,contact,person,team,rolle,funktion,ansprechpartner,kontakt,fonction,nom,rol,funcion,nombre,ruolo,nome,funcao,functie,naam,rola,imie,level,vendor,provider,anbieter'),
  email: list('email,e-mail,mail,mailadresse,courriel,correo,posta'),
  phone: list('phone,tel,mobile,telefon,rufnummer,handy,durchwahl,telephone,telefono,telefone,telefoon,cell'),
  hours: list('hours,availability,available,erreichbar,zeiten,horaires,horario,orari,bereikbaar,godziny'),
} as const;
export type Column = keyof typeof columnWords;

/** Columns whose words say something else in another table are told in this order. */
const columnOrder: readonly Column[] = ['email', 'phone', 'duration', 'acknowledge', 'respond', 'update', 'escalate', 'resolve', 'warn', 'critical', 'threshold', 'frequency', 'script', 'owner', 'day', 'date', 'month', 'metric', 'level', 'severity', 'task', 'examples', 'role', 'hours', 'time'];

/** One pattern for each list: short words stand by themselves, longer ones may begin a longer one. */
const patterns = new WeakMap<readonly string[], RegExp>();

function finds(text: string, words: readonly string[]): boolean {
  let pattern = patterns.get(words);
  if (pattern === undefined) {
    pattern = new RegExp(words.map((word) => (word.length <= 4 ? `(?<![a-z0-9])${word}(?![a-z0-9])` : word)).join('|'));
    patterns.set(words, pattern);
  }
  return pattern.test(text);
}

/** The part that a heading or an announcing line names; null where it names none. */
export function partOf(text: string): Part | null {
  const words = folded(text);
  if (words.length > 80) return null;
  return (Object.keys(partWords) as Part[]).find((part) => finds(words, partWords[part])) ?? null;
}

export function topicsOf(text: string): ReadonlySet<Topic> {
  const words = folded(text);
  return new Set((Object.keys(topicWords) as Topic[]).filter((topic) => finds(words, topicWords[topic])));
}

/** What the columns of a table are: by each, the first that is so. */
export function columnsOf(header: readonly string[]): Partial<Record<Column, number>> {
  const found: Partial<Record<Column, number>> = {};
  const taken = new Set<number>();
  for (const column of columnOrder) {
    const at = header.findIndex((cell, index) => !taken.has(index) && finds(folded(cell), columnWords[column]));
    if (at === -1) continue;
    found[column] = at;
    taken.add(at);
  }
  return found;
}

/** How often. */
const often: readonly [RegExp, 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'QUARTERLY' | 'YEARLY' | 'HOURLY'][] = [
  [/\b(?:hourly|every hour|stundlich|toutes les heures|cada hora|ogni ora|elk uur|co godzine)\b/, 'HOURLY'],
  [/\b(?:quarterly|quarter|quartalsweise|vierteljahrlich|quartal|trimestriel\w*|trimestral\w*|trimestrale|per kwartaal|kwartaal|kwartaln\w*)\b/, 'QUARTERLY'],
  [/\b(?:daily|every day|each day|nightly|every night|taglich\w*|jeden tag|nachtlich|quotidien\w*|chaque jour|tous les jours|diari[oa]\w*|cada dia|quotidian[oa]|giornalier[oa]|ogni giorno|diariamente|dagelijks\w*|codzienn\w*)\b/, 'DAILY'],
  [/\b(?:weekly|every week|wochentlich\w*|jede woche|hebdomadaire\w*|chaque semaine|semanal\w*|cada semana|settimanal\w*|ogni settimana|wekelijks\w*|cotygodniow\w*|co tydzien)\b/, 'WEEKLY'],
  [/\b(?:monthly|every month|of (?:the|each) month|monatlich\w*|jeden monat|im monat|des monats|mensuel\w*|chaque mois|mensual\w*|cada mes|del mes|mensil\w*|ogni mese|mensal\w*|maandelijks\w*|miesieczn\w*|co miesiac)\b/, 'MONTHLY'],
  [/\b(?:yearly|annual\w*|every year|jahrlich\w*|annuel\w*|anual\w*|jaarlijks\w*|roczn\w*)\b/, 'YEARLY'],
];

/** How often a text says that something is done; null where it does not. @param text as it stands */
export function oftenOf(text: string): (typeof often)[number][1] | null {
  const words = folded(text);
  return often.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

const weekdays: readonly [string, RegExp][] = [
  ['MO', /\b(?:mon(?:day)?s?|montags?|lundi|lunes|lunedi|segunda(?:-feira)?|maandag|poniedzialek)\b/],
  ['TU', /\b(?:tue(?:s(?:day)?)?s?|dienstags?|mardi|martes|martedi|terca(?:-feira)?|dinsdag|wtorek)\b/],
  ['WE', /\b(?:wed(?:nesday)?s?|mittwochs?|mercredi|miercoles|mercoledi|quarta(?:-feira)?|woensdag|sroda)\b/],
  ['TH', /\b(?:thu(?:rs(?:day)?)?s?|donnerstags?|jeudi|jueves|giovedi|quinta(?:-feira)?|donderdag|czwartek)\b/],
  ['FR', /\b(?:fri(?:day)?s?|freitags?|vendredi|viernes|venerdi|sexta(?:-feira)?|vrijdag|piatek)\b/],
  ['SA', /\b(?:sat(?:urday)?s?|samstags?|sonnabends?|samedi|sabado|sabato|zaterdag|sobota)\b/],
  ['SU', /\b(?:sun(?:day)?s?|sonntags?|dimanche|domingo|domenica|zondag|niedziela)\b/],
];

/** Days of the week that a text names, in its order of the week. */
export function weekdaysOf(text: string): string[] {
  const words = folded(text);
  return weekdays.filter(([, pattern]) => pattern.test(words)).map(([day]) => day);
}

const months: readonly RegExp[] = [
  /\b(?:jan(?:uary|uar|vier)?|enero|gennaio|janeiro|januari|styczen)\b/,
  /\b(?:feb(?:ruary|ruar)?|fevrier|febrero|febbraio|fevereiro|februari|luty)\b/,
  /\b(?:mar(?:ch)?|marz|mars|marzo|marco|maart|marzec)\b/,
  /\b(?:apr(?:il)?|avril|abril|aprile|kwiecien)\b/,
  /\b(?:may|mai|mayo|maggio|maio|mei|maj)\b/,
  /\b(?:june?|juni|juin|junio|giugno|junho|czerwiec)\b/,
  /\b(?:july?|juli|juillet|julio|luglio|julho|lipiec)\b/,
  /\b(?:aug(?:ust)?|aout|agosto|augustus|sierpien)\b/,
  /\b(?:sep(?:t(?:ember)?)?|septembre|septiembre|settembre|setembro|wrzesien)\b/,
  /\b(?:oct(?:ober)?|okt(?:ober)?|octobre|octubre|ottobre|outubro|pazdziernik)\b/,
  /\b(?:nov(?:ember)?|novembre|noviembre|novembro|listopad)\b/,
  /\b(?:dec(?:ember)?|dez(?:ember)?|decembre|diciembre|dicembre|dezembro|grudzien)\b/,
];

/** Months that a text names, from 1. */
export function monthsOf(text: string): number[] {
  const words = folded(text);
  return months.flatMap((pattern, index) => (pattern.test(words) ? [index + 1] : []));
}

const ordinals: readonly [RegExp, number][] = [
  [/\b(?:first|erste[rnms]?|premier|primer[oa]?|prim[oa]|primeir[oa]|eerste|pierwsz\w*)\b/, 1],
  [/\b(?:second|zweite[rnms]?|deuxieme|segund[oa]|second[oa]|tweede|drug\w*)\b/, 2],
  [/\b(?:third|dritte[rnms]?|troisieme|tercer[oa]?|terz[oa]|terceir[oa]|derde|trzeci\w*)\b/, 3],
  [/\b(?:fourth|vierte[rnms]?|quatrieme|cuart[oa]|quart[oa]|vierde|czwart\w*)\b/, 4],
  [/\b(?:last|letzte[rnms]?|dernier|ultim[oa]|laatste|ostatni\w*)\b/, -1],
];

/** "first Sunday" is 1, "last Friday" -1; null where no such word stands. */
export function ordinalOf(text: string): number | null {
  const words = folded(text);
  return ordinals.find(([pattern]) => pattern.test(words))?.[1] ?? null;
}

/** Verbs that a task begins with. */
const verbs = new Set(
  list(
    'access,acknowledge,activate,add,adjust,alert,analyze,analyse,apply,archive,ask,assess,assign,backup,brief,build,call,capture,change,check,classify,clean,clear,close,collect,communicate,compare,complete,conduct,configure,confirm,contact,coordinate,copy,create,delete,deploy,determine,develop,disable,document,drain,enable,ensure,escalate,evaluate,examine,execute,export,fix,flush,gather,generate,identify,implement,import,improve,inform,inspect,install,investigate,isolate,lock,log,maintain,make,manage,measure,migrate,monitor,move,notify,open,optimize,optimise,order,patch,pause,perform,plan,post,prepare,prevent,promote,provide,publish,rebuild,record,recover,reindex,remove,renew,reorganize,repair,replace,report,reset,resolve,restart,restore,resume,retry,review,revoke,rollback,rotate,run,scale,scan,schedule,send,set,share,start,stop,switch,sync,take,tell,test,track,train,tune,turn,undo,unlock,update,upgrade,use,validate,verify,wait,write,' +
      'prufen,prufe,pruft,starten,starte,stoppen,stoppe,sichern,sichere,benachrichtigen,benachrichtige,informieren,informiere,dokumentieren,dokumentiere,losche,loschen,offne,offnen,wiederherstellen,einspielen,aktualisiere,aktualisieren,kontrollieren,kontrolliere,testen,teste,anhalten,anrufen,melden,warten,' +
      'verifier,arreter,demarrer,redemarrer,sauvegarder,restaurer,informer,controler,supprimer,verifiez,arretez,demarrez,redemarrez,sauvegardez,informez,' +
      'verificar,comprobar,detener,iniciar,reiniciar,restaurar,avisar,revisar,borrar,verifica,detenga,inicie,reinicie,' +
      'verificare,fermare,avviare,riavviare,ripristinare,avvisare,controllare,parar,restaurar,avise,controleer,stop,herstart,herstel,informeer,sprawdz,zatrzymaj,uruchom,przywroc,powiadom',
  ),
);

/** Whether a text says what to do: it begins with a verb (or, as in German, ends with one). */
export function isTask(text: string): boolean {
  const words = folded(text).match(/[a-z]+/g) ?? [];
  return verbs.has(words[0] ?? '') || (words.length > 1 && words.length < 14 && (words.at(-1) ?? '').endsWith('en') && verbs.has(words.at(-1) ?? ''));
}
