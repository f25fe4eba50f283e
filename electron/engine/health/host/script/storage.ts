/** File systems. A file system of the network that is away lets df wait for ever. */
import type { Piece } from './piece.ts';

export const storage = [
  { id: 'mounts', run: 'cat /proc/self/mounts' },
  { id: 'fstab', when: '[ -r /etc/fstab ]', run: 'cat /etc/fstab' },
  { id: 'ext4-errors', when: '[ -d /sys/fs/ext4 ]', run: 'for file in /sys/fs/ext4/*/errors_count; do [ -e "$file" ] || continue; number=-; read -r number <"$file"; printf \'%s %s\\n\' "$file" "$number"; done' },
  { id: 'btrfs-errors', when: '[ -d /sys/fs/btrfs ]', run: 'grep -H . /sys/fs/btrfs/*/devinfo/*/error_stats; :' },
  { id: 'raid', when: '[ -e /proc/mdstat ]', run: 'cat /proc/mdstat' },
  { id: 'space', run: 'limit 10 df -P -k' },
  { id: 'inodes', run: 'limit 10 df -P -i' },
] as const satisfies readonly Piece[];
