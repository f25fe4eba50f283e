/** Packages, kernels that wait for a restart, and certificates. */
import type { Piece } from './piece.ts';

export const packages = [
  { id: 'reboot-file', run: 'for file in /var/run/reboot-required /run/reboot-required; do [ -e "$file" ] || continue; printf \'%s\\n\' "$file"; cat "$file.pkgs"; break; done; :' },
  { id: 'kernels', when: '[ -d /lib/modules ]', run: 'ls /lib/modules' },
  // Only as root: as anybody else dnf makes itself a folder in /var/tmp.
  { id: 'needs-restarting', when: '[ "$(id -u)" = 0 ] && command -v needs-restarting', run: 'limit 20 needs-restarting -r' },
  {
    id: 'apt',
    when: 'command -v apt-get',
    // As root it would write down how it reckoned, and make its cache anew where that is stale: then it goes without one, which takes longer.
    run: `set --
if [ "$(id -u)" = 0 ]; then
fresh=yes; for file in /var/lib/dpkg/status /var/lib/apt/lists /etc/apt/sources.list /etc/apt/sources.list.d; do [ -e "$file" ] && [ ! /var/cache/apt/pkgcache.bin -nt "$file" ] && fresh=no; done
[ $fresh = yes ] && [ -e /var/cache/apt/pkgcache.bin ] || set -- -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
fi
out=$(limit 30 apt-get -s -o Debug::NoLocking=1 -o Dir::Log::Planner=/dev/null -o Dir::Log::Solver=/dev/null "$@" dist-upgrade 2>&1); status=$?
printf '%s\\n' "$out" | grep -E '^(Inst|E:)' | cut -c1-300
exit $status`,
  },
  { id: 'apt-lists', when: 'command -v apt-get', run: `ls /var/lib/apt/lists | grep -c '_Packages'; stat -c '%Y %n' /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists/partial /var/lib/apt/lists; :` },
  {
    id: 'dnf',
    when: 'command -v dnf && { [ "$(id -u)" = 0 ] || ls -d "$HOME/.cache/libdnf5" /var/tmp/dnf-"$(id -un)"-* >/dev/null 2>&1; }',
    run: 'limit 30 dnf -q -C updateinfo list --security 2>&1',
  },
  { id: 'dnf-lists', when: 'command -v dnf', run: `stat -c '%Y %n' /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml; :` },
  { id: 'apk', when: 'command -v apk', run: "limit 20 apk version -v -l '<' 2>&1" },
  { id: 'apk-lists', when: 'command -v apk', run: `stat -c '%Y %n' /var/cache/apk/APKINDEX*; :` },
  { id: 'package-managers', run: 'for program in apt-get dnf yum apk zypper pacman; do command -v "$program" >/dev/null && printf \'%s\\n\' "$program"; done; :' },
  {
    // Certificates alone: a file may hold the private key, too.
    id: 'certificates',
    run: `{ grep -rhsE '^[[:space:]]*(ssl_certificate|SSLCertificateFile)[[:space:]]' /etc/nginx /etc/apache2 /etc/httpd | sed -e 's/^[[:space:]]*[A-Za-z_]*[[:space:]]*//' -e 's/[;"]//g' -e "s/'//g" -e 's/[[:space:]]*$//'
for file in /etc/letsencrypt/live/*/fullchain.pem; do [ -e "$file" ] && printf '%s\\n' "$file"; done; } | sort -u | head -n 60 | while read -r file; do
case $file in /*) ;; *) continue;; esac
if [ -r "$file" ]; then printf 'file %s\\n' "$file"; sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/{p;/-----END CERTIFICATE-----/q;}' "$file"; else printf 'shut %s\\n' "$file"; fi; done; :`,
  },
  { id: 'certificate-folders', run: 'for folder in /etc/letsencrypt/live; do [ -d "$folder" ] || continue; if [ -r "$folder" ]; then printf \'open %s\\n\' "$folder"; else printf \'shut %s\\n\' "$folder"; fi; done; :' },
] as const satisfies readonly Piece[];
