/** Commands that only look, as far as nobody knows better: what is neither here nor among those that are judged may do anything. */
import { isJudged } from './risk-commands.ts';
import { behindOptions, insideContainer, optionText, sshValues } from './risk-shell.ts';
import { shellPart } from './shell-parts.ts';

const readers: ReadonlySet<string> = new Set(
  [
    // What a shell has itself, and what only passes on.
    ': . [ [[ ! alias break case cd command continue declare echo exit export false for function getopts hash local popd printf pushd pwd read readonly return select set shift sleep source test time true type ulimit umask unset wait which yes',
    // Texts and files.
    'awk base64 basename cat cksum cmp column comm cut date diff dirname egrep expr fgrep file find fold gawk grep head hexdump jq less locate ls md5sum mawk more nl od paste readlink realpath rev sed seq sha1sum sha256sum sha512sum sort stat strings tac tail tee tr tree uniq wc whereis yq zcat zgrep zless',
    // The host.
    'arch blkid df dmesg dmidecode du env findmnt free getconf getent groups hostname htop id iostat iotop last lastb lastlog lsattr lsb_release lsblk lscpu lshw lsmem lsmod lsof lspci lsusb mpstat nproc pgrep pidof pidstat printenv ps pstree sar smartctl ss strace top uname uptime vmstat w who whoami',
    // The network.
    'arp dig host ifconfig mtr nc ncat netstat nikto nmap nslookup openssl ping ping6 route ssllabs-scan tcpdump telnet tracepath traceroute whois',
    // Databases and services.
    'psql pg_amcheck pg_config pg_controldata pg_dump pg_dumpall pg_isready pg_lsclusters pg_test_fsync pg_test_timing pg_verifybackup pg_waldump pgcli mysql mariadb mysqldump mariadb-dump mongodump sqlite3 needrestart lighthouse loginctl networkctl resolvectl rc-status systemd-analyze',
    // What runs others, of which each is looked at by itself.
    'bash builtin chroot chrt dash doas exec flock ionice ksh nice nohup parallel runuser setpriv setsid sh ssh stdbuf su sudo timeout unbuffer watch xargs zsh busybox',
  ].flatMap((line) => line.split(' ')),
);
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'source', '.']);

/** A script within a script within a script. */
const deepest = 4;

/** What a command runs that stands in its words; null: nothing of that kind. */
function within(name: string, args: readonly string[]): string | null {
  if (name === 'ssh') return behindOptions(args, sshValues).slice(1).join(' ');
  if (name === 'eval') return args.join(' ');
  if (name === 'su' || shells.has(name)) return optionText(args, 'c', 'command').join('\n') || null;
  return insideContainer(name, args)?.join(' ') ?? null;
}

/** The first command of a script of which nobody here knows what it does; null: there is none. */
export function unknownIn(script: string, depth = 0): string | null {
  const own = new Set([...script.matchAll(/(?:^|[\s;])(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)/g)].map(([, name]) => name));
  for (const { name, args, raw, assigns, words } of shellPart(script, 0).commands) {
    if (name === '') {
      // Values that are only given are no command.
      if (words.length === assigns.length) continue;
      return raw.slice(0, 60);
    }
    const inner = depth < deepest ? within(name, args) : null;
    const found = inner === null ? null : unknownIn(inner, depth + 1);
    if (found !== null) return found;
    const file = inner === null && shells.has(name) ? args.find((word) => !word.startsWith('-')) : undefined;
    if (file !== undefined && !/\.env\b|\/etc\/os-release$/.test(file)) return `${name} ${file}`.replaceAll('\0', '…').slice(0, 60);
    if (!own.has(name) && !readers.has(name) && !isJudged(name)) return name;
  }
  return null;
}
