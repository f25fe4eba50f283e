/** What the host has written down: journal, logs, kernel messages. */
import type { Piece } from './piece.ts';

/** journalctl ends well where it was shown nothing: whether it may look is asked of the files. */
const readableJournal = 'readable /run/log/journal/*/system.journal /var/log/journal/*/system.journal';

/** Of the messages that every start prints some sound alike: "errors=remount-ro", "Shutdown timeout set to 8 seconds". */
export const kernelTrouble = [
  'I/O error', 'Machine check events', 'Hardware Error', 'EXT4-fs error', 'Remounting filesystem read-only', 'XFS .*(corrupt|error|shutdown)', 'BTRFS (error|critical|warning)', 'critical (medium|target) error',
  'Unrecovered read error', 'nvme.*(I/O.* timeout|controller is down|resetting controller|Abort status)', 'ata[0-9.]+: (failed|exception|error)', 'EDAC.*[0-9] (CE|UE) ', 'soft lockup', 'hard LOCKUP', 'blocked for more than [0-9]+ seconds', 'Kernel panic',
].join('|');

export const records = [
  { id: 'journal-files', run: 'for file in /run/log/journal/*/system.journal /var/log/journal/*/system.journal; do [ -e "$file" ] || continue; if [ -r "$file" ]; then printf \'open %s\\n\' "$file"; else printf \'shut %s\\n\' "$file"; fi; done; :' },
  {
    id: 'journal-errors',
    when: `command -v journalctl && ${readableJournal}`,
    run: `out=$(limit 20 journalctl -q --no-pager -p err --since=-24h -n 300 -o json --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT); status=$?
[ -z "$out" ] || printf '%s\\n' "$out" | cut -c1-2000
exit $status`,
  },
  {
    id: 'journal-sign-ins',
    when: `command -v journalctl && ${readableJournal}`,
    run: `out=$(limit 20 journalctl -q --no-pager -t sshd -t sshd-session -t dropbear --since=-1h -n 5000 -o cat); status=$?
[ -z "$out" ] || printf '%s\\n' "$out" | cut -c1-300
exit $status`,
  },
  { id: 'sign-in-logs', run: 'for file in /var/log/auth.log /var/log/secure /var/log/messages; do [ -e "$file" ] || continue; if [ -r "$file" ]; then printf \'open %s\\n\' "$file"; else printf \'shut %s\\n\' "$file"; fi; done; :' },
  {
    id: 'sign-in-log',
    when: 'readable /var/log/auth.log /var/log/secure /var/log/messages',
    run: `for file in /var/log/auth.log /var/log/secure /var/log/messages; do [ -r "$file" ] || continue
tail -n 5000 "$file" | grep -E 'sshd|dropbear' | cut -c1-300; exit 0; done`,
  },
  {
    id: 'kernel-messages',
    when: 'command -v dmesg',
    run: `out=$(dmesg 2>&1); status=$?
if [ $status = 0 ]; then printf '%s\\n' "$out" | grep -iE '${kernelTrouble}' | tail -n 60 | cut -c1-300; else printf '%s\\n' "$out" | tail -n 1; fi
exit $status`,
  },
  {
    id: 'kernel-journal',
    when: `command -v journalctl && ${readableJournal}`,
    run: `out=$(limit 20 journalctl -q --no-pager -k -n 20000 -o cat); status=$?
printf '%s\\n' "$out" | grep -iE '${kernelTrouble}' | tail -n 60 | cut -c1-300
[ -n "$out" ] && exit $status; exit 1`,
  },
] as const satisfies readonly Piece[];
