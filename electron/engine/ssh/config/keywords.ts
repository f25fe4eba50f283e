/** What becomes of each keyword of an ssh_config. Source: ssh_config(5) of OpenSSH 9.9. */

/** Read into a host. */
export const usedKeywords: ReadonlySet<string> = new Set([
  'hostname', 'user', 'port', 'identityfile', 'identitiesonly', 'identityagent', 'proxyjump', 'proxycommand', 'hostkeyalias', 'userknownhostsfile',
  'pubkeyauthentication', 'passwordauthentication', 'kbdinteractiveauthentication', 'challengeresponseauthentication',
]);

/** Left out without harm, and why. */
const harmless: Record<string, string> = {
  ...Object.fromEntries(['controlmaster', 'controlpath', 'controlpersist'].map((keyword) => [keyword, 'Pilothouse keeps one connection to a host and shares it by itself'])),
  ...Object.fromEntries(['forwardagent', 'forwardx11', 'forwardx11trusted', 'forwardx11timeout', 'xauthlocation', 'localforward', 'remoteforward', 'dynamicforward', 'gatewayports', 'exitonforwardfailure', 'clearallforwardings', 'permitremoteopen', 'tunnel', 'tunneldevice', 'streamlocalbindmask', 'streamlocalbindunlink', 'permitlocalcommand', 'localcommand'].map((keyword) => [keyword, 'Pilothouse forwards nothing but what it needs itself'])),
  ...Object.fromEntries(['requesttty', 'remotecommand', 'sessiontype', 'stdinnull', 'escapechar', 'forkafterauthentication', 'enableescapecommandline', 'sendenv', 'setenv'].map((keyword) => [keyword, 'it is about sessions at a terminal'])),
  ...Object.fromEntries(['loglevel', 'logverbose', 'syslogfacility', 'batchmode', 'numberofpasswordprompts', 'visualhostkey', 'fingerprinthash', 'addkeystoagent', 'usekeychain', 'connectionattempts', 'tcpkeepalive', 'ipqos', 'rekeylimit', 'compression', 'hashknownhosts', 'updatehostkeys', 'channeltimeout', 'obscurekeystroketiming', 'tag', 'ignoreunknown', 'requiredrsasize', 'warnweakcrypto'].map((keyword) => [keyword, 'it makes no difference here'])),
  ...Object.fromEntries(['stricthostkeychecking', 'checkhostip', 'nohostauthenticationforlocalhost', 'globalknownhostsfile'].map((keyword) => [keyword, 'the key of every host is always checked, against what you trusted here'])),
};

/** Not supported, and it may matter. */
const unsupported: Record<string, string> = {
  connecttimeout: 'each step of a way may take 15 seconds',
  ...Object.fromEntries(['serveraliveinterval', 'serveralivecountmax'].map((keyword) => [keyword, 'every host is asked each 15 seconds for a sign of life, and given up after four'])),
  preferredauthentications: 'keys, the agent, questions and the password are tried in this order',
  addressfamily: 'whichever address answers is used',
  bindaddress: 'the system chooses the address to connect from',
  bindinterface: 'the system chooses the interface to connect from',
  certificatefile: 'certificates of users are not supported',
  ...Object.fromEntries(['hostkeyalgorithms', 'kexalgorithms', 'ciphers', 'macs', 'casignaturealgorithms', 'pubkeyacceptedalgorithms', 'pubkeyacceptedkeytypes', 'hostbasedacceptedalgorithms', 'hostbasedkeytypes'].map((keyword) => [keyword, 'algorithms are those of Pilothouse'])),
  ...Object.fromEntries(['gssapiauthentication', 'gssapidelegatecredentials', 'gssapikeyexchange', 'gssapiclientidentity', 'gssapirenewalforcesrekey', 'gssapiserveridentity', 'gssapitrustdns', 'gssapikexalgorithms'].map((keyword) => [keyword, 'Kerberos is not supported'])),
  ...Object.fromEntries(['hostbasedauthentication', 'enablesshkeysign'].map((keyword) => [keyword, 'authentication by the client\'s host is not supported'])),
  ...Object.fromEntries(['canonicalizehostname', 'canonicaldomains', 'canonicalizefallbacklocal', 'canonicalizemaxdots', 'canonicalizepermittedcnames'].map((keyword) => [keyword, 'names are taken as they are, and not looked up in other domains'])),
  knownhostscommand: 'no command is run to learn the key of a host',
  pkcs11provider: 'keys on smart cards are used by an agent only',
  securitykeyprovider: 'security keys are used by an agent only',
  proxyusefdpass: 'a proxy command is not run',
  revokedhostkeys: 'the file is not read; import it as known_hosts with @revoked',
  verifyhostkeydns: 'keys in the DNS are not looked at',
  smartcarddevice: 'keys on smart cards are used by an agent only',
};

export type KeywordFate = { kind: 'used' } | { kind: 'ignored'; why: string } | { kind: 'unsupported'; why: string } | { kind: 'unknown' };

/** @param keyword in lower case */
export function fateOf(keyword: string): KeywordFate {
  if (usedKeywords.has(keyword)) return { kind: 'used' };
  if (Object.hasOwn(harmless, keyword)) return { kind: 'ignored', why: harmless[keyword] ?? '' };
  if (Object.hasOwn(unsupported, keyword)) return { kind: 'unsupported', why: unsupported[keyword] ?? '' };
  return { kind: 'unknown' };
}
