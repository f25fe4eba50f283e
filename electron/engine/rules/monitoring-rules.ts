/** Formulas and files of Prometheus and its Alertmanager, and what applications give them. */
import { define, ofLines } from './define.ts';
import type { Hit, Language } from './types.ts';

const formulas: readonly Language[] = ['yaml', 'promql'];

/** A rule over formulas; `found` is looked for in each. */
const ofFormulas = (rule: { id: string; title: string; explanation: string; pattern: RegExp; not?: RegExp; message: string; fix: string }) => define({
  id: rule.id, title: rule.title, explanation: rule.explanation, class: 'wrong', languages: formulas,
  look: ({ formulas: all }) => all.flatMap(({ text, from }): Hit[] => {
    const found = rule.pattern.exec(text);
    return found === null || rule.not?.test(text) === true ? [] : [{ from: from + found.index, to: from + found.index + found[0].length, message: rule.message, fix: rule.fix }];
  }),
});

export const monitoringRules = [
  ofFormulas({
    id: 'rate-no-ratio', title: 'A rate that is taken for a share', pattern: /\brate\(\s*\w*(?:requests|errors)\w*\{[^}]*(?:status|code)[^}]*5[^}]*\}\s*\[[^\]]+\]\s*\)\s*>\s*0?\.\d+/, not: /\)\s*\/\s*(?:sum|rate|\()/,
    explanation: 'rate gives requests in a second: 0.1 is one error in ten seconds, and no 10 %. A share is errors divided by all.',
    message: 'This is a number of errors in a second, and no share of the requests.', fix: 'Write sum(rate(…{status=~"5.."}[5m])) / sum(rate(…[5m])) > 0.1.',
  }),
  ofFormulas({
    id: 'quantile-of-summary', title: 'A quantile of what has none', pattern: /\b\w+_seconds\{[^}]*\bquantile="[\d.]+"[^}]*\}/,
    explanation: 'The label quantile is of summaries. Most libraries make histograms, which have buckets: nothing is ever found, and the alert never comes.',
    message: 'Only summaries have this label: of a histogram nothing is found, and the alert never comes.', fix: 'Write histogram_quantile(0.95, sum by (le) (rate(…_bucket[5m]))).',
  }),
  ofFormulas({
    id: 'metrics-of-no-exporter', title: 'Metrics that no exporter has', pattern: /\bpg_connections_(?:active|max|total)\b/,
    explanation: 'The common exporter of Postgres calls them pg_stat_activity_count and pg_settings_max_connections. An alert about a name that is not there never comes.',
    message: 'The common exporters have no metric of this name: the alert never comes.', fix: 'Write sum(pg_stat_activity_count) / pg_settings_max_connections.',
  }),
  ofLines({
    id: 'value-percent', title: 'A share printed as percent', class: 'wrong', languages: ['yaml'], pattern: /(\{\{\s*\$value\s*\}\}\s*%)/,
    explanation: 'A share of 0.07 is printed as "0.07%".', message: 'A share of 0.07 is printed as 0.07 %.', fix: 'Write {{ $value | humanizePercentage }}.', edit: () => ({ title: 'Write humanizePercentage', text: '{{ $value | humanizePercentage }}' }),
  }),
  ofLines({
    id: 'alertmanager-old-keys', title: 'Keys that Alertmanager replaced', class: 'wrong', languages: ['yaml'], pattern: /^\s*(?:- )?((?:match|match_re|service_key|source_match|target_match)):/, versions: 'Alertmanager 0.22 and later',
    explanation: 'match and match_re became matchers, and PagerDuty takes a routing_key for its present interface.',
    when: ({ mentions }) => mentions(/\broute:|receivers?:/), message: (found) => `"${found[1]}" is of an older Alertmanager.`, fix: 'Write matchers: [severity="critical"], and routing_key.',
  }),
  define({
    id: 'metrics-as-json', title: 'Metrics as JSON', class: 'wrong', languages: ['javascript'],
    explanation: 'Prometheus reads its own text format: from JSON it takes nothing.',
    look: ({ text }) => [...text.matchAll(/\.get\(\s*['"]\/metrics['"]/g)].flatMap((found): Hit[] => {
      const json = /res\.json\(/.exec(text.slice(found.index, found.index + 800));
      return json === null ? [] : [{ from: found.index, to: found.index + found[0].length, message: 'Prometheus cannot read JSON.', fix: 'Write the text format, by prom-client: res.type(register.contentType).send(await register.metrics()).' }];
    }),
  }),
  ofLines({
    id: 'web-vitals-gone', title: 'Functions of web-vitals that went', class: 'wrong', languages: ['javascript'], pattern: /\b(get(?:CLS|FID|FCP|LCP|TTFB)|onFID)\b/, versions: 'web-vitals 4 and later',
    explanation: 'get… became on…, and FID was replaced by INP.', message: (found) => `${found[1]} is gone from web-vitals.`, fix: 'Write onCLS, onLCP, onFCP, onTTFB, and onINP instead of FID.',
  }),
  ofLines({
    id: 'cache-clear', title: 'The whole cache is emptied', class: 'wrong', languages: ['java'], pattern: /(\.clear\(\))/,
    explanation: 'clear empties the cache, and not what is expired: everybody asks the database at once. Redis removes what is expired by itself.',
    when: ({ lines }, at) => lines.slice(Math.max(0, at - 10), at + 1).some(({ text }) => /expired/i.test(text)), message: 'This empties the cache, and not what is expired.', fix: 'Leave it to the cache: Redis removes what is expired by itself.',
  }),
];
