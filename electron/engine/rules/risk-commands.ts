/**
 * Commands of a shell that change something, and what of them. A pattern is looked for in the arguments, one space
 * between two words; what it finds is named in the message. Who is not listed counts as the author says.
 */
import type { Found } from './risk.ts';

interface CommandRule {
  risk: Found['risk'];
  names: readonly string[];
  /** Its first group, or all of it, is what is named. Without one the command alone says it. */
  args?: RegExp;
  /** Arguments with which it only reads. */
  not?: RegExp;
}

const names = (text: string): readonly string[] => text.split(' ');
const destructive = (commands: string, args?: RegExp, not?: RegExp): CommandRule => ({ risk: 'destructive', names: names(commands), ...(args === undefined ? {} : { args }), ...(not === undefined ? {} : { not }) });
const change = (commands: string, args?: RegExp, not?: RegExp): CommandRule => ({ ...destructive(commands, args, not), risk: 'change' });

/** Options before a word that says what is done: `docker --host x rm`, `kubectl -n web delete`. */
const verb = (verbs: string): RegExp => new RegExp(`^(?:-\\S* (?:(?!(?:${verbs})(?: |$))[^- ]\\S* )?)*(${verbs})(?= |$)`);
/** One of these words anywhere. */
const word = (words: string): RegExp => new RegExp(`(?:^| )(${words})(?= |$)`);

const packages = verb('install|add|i|ci|update|upgrade|up|dist-upgrade|full-upgrade|remove|uninstall|rm|erase|del|autoremove|link|dedupe|prune|require|reinstall|downgrade');

export const commandRules: readonly CommandRule[] = [
  destructive('rm', /(?:^| )(-[a-zA-Z]*[rRf][a-zA-Z]*|--recursive|--force)(?= |$)/),
  change('rm rmdir unlink mv cp ln mkdir touch install mktemp chmod chown chgrp chattr setfacl patch logrotate tmpwatch'),
  destructive('shred wipefs mkfs fdisk sfdisk sgdisk parted mkswap lvremove vgremove pvremove dropdb dropuser userdel deluser groupdel pg_dropcluster pg_resetwal pg_rewind pkill killall killall5 reboot halt poweroff shutdown telinit'),
  destructive('truncate', word('-s\\S*|--size\\S*')),
  destructive('dd', /(?:^| )(of=)(?!\/dev\/(?:null|stdout)(?: |$))/),
  destructive('kill', /(?:^| )(-9|-KILL|-SIGKILL|-s ?(?:9|KILL|SIGKILL))(?= |$)/),
  change('kill', /^(?!-l|-0)(?=\S)/),
  destructive('find', /(?:^| )(-delete)(?= |$)/),
  destructive('init', word('0|6')),
  destructive('git', /(?:^| )(reset .*--hard|clean .*-[a-zA-Z]*[fdx]\S*|push .*(?:--force\S*|-f)|branch .*-D|checkout .*-f)(?= |$)/),
  change('git', verb('pull|checkout|switch|restore|reset|merge|rebase|commit|push|clone|apply|am|stash|cherry-pick|revert|tag|gc|init|add|rm|mv|submodule')),
  destructive('docker-compose', verb('down|rm|kill')),
  change('docker-compose', verb('up|start|stop|restart|pull|build|create|scale|run|pause|unpause|push|cp')),
  destructive('docker podman', /(?:^| )(compose (?:-\S* (?:[^- ]\S* )?)*(?:down|rm|kill)|(?:system|volume|container|image|network|builder|buildx) (?:-\S+ )*(?:prune|rm)|swarm leave|stack rm|service rm)(?= |$)/),
  destructive('docker podman', verb('rm|rmi|kill')),
  change('docker podman', /(?:^| )(compose (?:-\S* (?:[^- ]\S* )?)*(?:up|start|stop|restart|pull|build|create|scale|run)|(?:volume|network|container|image) (?:create|connect|disconnect|start|stop|restart)|service (?:update|scale|create)|stack deploy)(?= |$)/),
  change('docker podman', verb('run|start|stop|restart|update|pull|build|push|tag|cp|create|commit|load|import|pause|unpause|rename|login')),
  destructive('kubectl oc', /(?:^| )(--replicas[= ]0)(?= |$)/),
  destructive('kubectl oc', verb('delete|drain')),
  change('kubectl oc', /(?:^| )(rollout (?:undo|restart|pause|resume))(?= |$)/),
  change('kubectl oc', verb('apply|create|patch|set|scale|autoscale|edit|replace|label|annotate|cordon|uncordon|taint|expose|run|cp')),
  destructive('helm', verb('uninstall|delete')),
  change('helm', verb('install|upgrade|rollback')),
  destructive('terraform tofu', word('destroy|-{1,2}destroy')),
  change('terraform tofu', verb('apply|import|taint|untaint')),
  change('ansible-playbook ansible'),
  destructive('pm2', verb('delete|kill|flush')),
  change('pm2', verb('start|stop|restart|reload|scale|save|resurrect|startup|unstartup|install|update|reset|gracefulReload|sendSignal')),
  change('systemctl', verb('start|stop|restart|reload|try-restart|reload-or-restart|enable|disable|mask|unmask|kill|isolate|daemon-reload|daemon-reexec|set-property|edit|reset-failed|preset|link|revert|set-default')),
  destructive('systemctl', verb('reboot|poweroff|halt|rescue|emergency')),
  change('service rc-service invoke-rc.d', /(?:^| )(start|stop|restart|reload|force-reload|zap|try-restart)(?= |$)/),
  change('supervisorctl initctl start stop restart reload'),
  change('systemd-run update-rc.d rc-update chkconfig hostnamectl timedatectl localectl at batch', undefined, /^(?:status|show|list|list-timezones|--list)?(?: |$)/),
  change('nginx', /(?:^| )(-s)(?= |$)/),
  change('apachectl apache2ctl', word('start|stop|restart|graceful|graceful-stop')),
  destructive('apt apt-get', verb('purge')),
  change('apt apt-get aptitude yum dnf apk zypper snap pip pip3 npm yarn pnpm gem composer cargo brew', packages, /(?:^| )(?:-s|--simulate|--dry-run|--just-print)(?= |$)/),
  change('dpkg rpm', /(?:^| )(-i|-U\S*|-e|--install|--erase|--configure|-r|-P)(?= |$)/),
  destructive('prisma', /(?:^| )(migrate reset|db push .*--force-reset|db push .*--accept-data-loss)(?= |$)/),
  change('prisma', /(?:^| )(migrate (?:deploy|dev|resolve)|db (?:push|seed|execute))(?= |$)/),
  destructive('flyway', verb('clean')),
  change('alembic', word('upgrade|downgrade|stamp')),
  change('knex sequelize sequelize-cli typeorm liquibase flyway rails rake artisan diesel goose dbmate node-pg-migrate', /(?:^| )(\S*(?:migrat|rollback|seed)\S*|update|up|down|db:\S+)(?= |$)/),
  destructive('knex sequelize sequelize-cli typeorm rails rake artisan', /(?:^| )(db:(?:drop|reset|wipe|purge)\S*|migrate:(?:fresh|reset|refresh)|schema:drop|db:migrate:reset)(?= |$)/),
  destructive('dotnet', /(?:^| )(ef database drop)(?= |$)/),
  change('dotnet', /(?:^| )(ef database update)(?= |$)/),
  destructive('manage.py', word('flush|reset_db')),
  change('manage.py', word('migrate|loaddata|collectstatic')),
  destructive('npm yarn pnpm', /(?:^| )(run (?:-\S+ )*\S*(?:reset|drop|wipe|purge)\S*)(?= |$)/),
  change('npm yarn pnpm', /(?:^| )(run (?:-\S+ )*\S*(?:migrat|deploy|seed|reset|start|restart)\S*|publish|start|restart|stop|audit fix)(?= |$)/),
  destructive('aws', /(?:^| )(s3 (?:rm|rb)|s3 sync .*--delete|\S+ (?:delete|terminate|deregister)-\S+)(?= |$)/),
  change('aws', /(?:^| )(s3 (?:cp|sync|mv|mb)|\S+ (?:create|put|update|modify|start|stop|reboot|run|attach|detach|register|restore)-\S+)(?= |$)/),
  // What one word of a cloud does is a service of somebody; which one stands before it.
  destructive('gcloud az doctl oci ibmcloud linode-cli hcloud scw fly flyctl', word('delete|destroy|purge|remove|rm')),
  change('gcloud az doctl oci ibmcloud linode-cli hcloud scw fly flyctl', word('create|update|patch|set|add|deploy|start|stop|restart|reboot|resize|scale|import|restore|failover|promote|apply|attach|detach|import')),
  destructive('heroku', /(?:^| )((?:\S+:)?(?:destroy|reset|remove)\S*)(?= |$)/),
  change('heroku', /(?:^| )(\S+:(?:add|set|unset|promote|restart|scale|restore|upgrade|copy|create|run)\S*|run|restart)(?= |$)/),
  destructive('gsutil', verb('rm|rb')),
  change('gsutil', verb('cp|mv|rsync|mb|setmeta|acl|iam|lifecycle')),
  destructive('rclone', verb('delete|deletefile|purge|sync|rmdir|rmdirs|cleanup|move')),
  change('rclone', verb('copy|copyto|moveto|mkdir')),
  destructive('mc s3cmd', verb('rm|rb|del|mirror .*--remove|sync .*--delete-removed')),
  change('mc s3cmd', verb('cp|mv|mb|put|mirror|sync')),
  destructive('mongo mongosh', /\b(drop(?:Database|Index|Indexes|User|Role)?|deleteMany|deleteOne|remove|findOneAndDelete|shutdownServer)\(/),
  change('mongo mongosh', /\b(insert\w*|update\w*|replaceOne|bulkWrite|create\w+|rename\w*|rs\.\w+|sh\.\w+|findOneAnd\w+|save)\(/),
  destructive('mysqladmin', word('drop|shutdown|kill')),
  destructive('etcdctl', verb('del|delete')),
  change('etcdctl', verb('put|snapshot restore|member \\S+')),
  destructive('nomad', /(?:^| )((?:job )?stop .*-purge|system gc|(?:namespace|volume) delete)(?= |$)/),
  change('nomad', /(?:^| )((?:job )?(?:run|stop|revert|scale|dispatch)|node drain|deployment promote)(?= |$)/),
  destructive('rsync', /(?:^| )(--delete\S*)(?= |$)/),
  change('rsync scp sftp', undefined, /(?:^| )(?:--dry-run|-[a-zA-Z]*n[a-zA-Z]*|--list-only|--version)(?= |$)/),
  destructive('crontab', word('-r')),
  change('crontab', undefined, /(?:^| )-l(?= |$)/),
  destructive('redis-cli valkey-cli', /(?:^| )(flushall|flushdb|shutdown)(?= |$)/i),
  change('redis-cli valkey-cli', /(?:^| )(set|del|unlink|expire|hset|hdel|lpush|rpush|lpop|rpop|sadd|srem|config set|config rewrite|bgsave|save|bgrewriteaof|incr|decr|rename|persist|client kill|slaveof|replicaof|failover|debug)(?= |$)/i),
  destructive('pg_restore', /(?:^| )(-[a-zA-Z]*c[a-zA-Z]*|--clean)(?= |$)/),
  change('pg_restore', undefined, /(?:^| )(?:-[a-zA-Z]*l|--list|-f -|--file[= ]-|--version)(?= |$)/),
  change('createdb createuser initdb pg_createcluster pg_upgrade pg_upgradecluster reindexdb clusterdb pg_basebackup pg_archivecleanup mongorestore mysqladmin'),
  destructive('vacuumdb', /(?:^| )(-[a-zA-Z]*f[a-zA-Z]*|--full)(?= |$)/),
  change('vacuumdb'),
  change('pg_ctl pg_ctlcluster', word('start|stop|restart|reload|promote|kill|rotate|logrotate')),
  change('sed perl', /(?:^| )(-[a-zA-Z]*i\S*|--in-place\S*)(?= |$)/),
  change('tar', /(?:^| )(-{0,2}[a-zA-Z]*x[a-zA-Z]*|--extract|--delete|-[a-zA-Z]*[cru][a-zA-Z]* ?(?!- ))(?= |$)/, /(?:^| )-{0,1}[a-zA-Z]*t[a-zA-Z]*(?= |$)/),
  change('unzip gunzip bunzip2 unxz gzip bzip2 xz zstd', undefined, /(?:^| )(?:-[a-zA-Z]*[cltp][a-zA-Z]*|--stdout|--list|--test|--version)(?= |$)/),
  change('useradd adduser usermod groupadd addgroup groupmod passwd chpasswd visudo ssh-keygen ssh-copy-id'),
  change('mount umount swapon swapoff lvcreate lvextend lvresize lvreduce vgextend pvcreate resize2fs xfs_growfs fsck e2fsck mdadm losetup tune2fs', /(?=\S)/, /^(?:--show|-s|--help|--version|-V)(?= |$)/),
  change('sysctl', /(?:^| )(-w|-p|--system|--load\S*|\S+=\S*)(?= |$)/),
  destructive('iptables ip6tables', /(?:^| )(-F|--flush|-X)(?= |$)/),
  change('iptables ip6tables', /(?:^| )(-[ADIRPNE]|--append|--delete|--insert|--policy)(?= |$)/),
  destructive('ufw', word('reset|disable')),
  change('ufw', word('allow|deny|reject|limit|delete|enable|reload')),
  destructive('nft', /(?:^| )(flush|delete)(?= |$)/),
  change('nft', /(?:^| )(add|insert|replace|-f)(?= |$)/),
  change('firewall-cmd', /(?:^| )(--(?:add|remove|reload|set|permanent)\S*)(?= |$)/),
  change('ip', /(?:^| )(add|del|set|flush|replace|change)(?= |$)/),
  destructive('zfs zpool', verb('destroy|rollback')),
  change('zfs zpool', verb('create|snapshot|set|send|receive|recv|import|export|scrub|clear|add|remove')),
  destructive('journalctl', /(?:^| )(--vacuum-\S+)(?= |$)/),
  change('journalctl', /(?:^| )(--rotate|--flush)(?= |$)/),
  change('certbot', undefined, /(?:^| )(?:certificates|--dry-run|--version)(?= |$)/),
  destructive('curl', /(?:^| )((?:-X|--request)[= ]?DELETE)(?= |$)/),
  change('curl', /(?:^| )((?:-X|--request)[= ]?(?:POST|PUT|PATCH)|-d|--data\S*|--json|-F|--form\S*|-T|--upload-file)(?= |$|=)/),
  change('curl', /(?:^| )(-[a-zA-Z]*[oO]|--output|--remote-name\S*)(?= (?!-(?: |$)|\/dev\/null|\/tmp\/))/),
  change('wget', undefined, /(?:^| )(?:-[a-zA-Z]*O ?(?:-|\/dev\/null|\/tmp\/\S*)|--spider|--output-document[= ](?:-|\/dev\/null))(?= |$)/),
  change('export', /(?:^| )(\w*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_KEY)\w*=)/),
];

/** Characters of arguments that are looked at, from their beginning and from their end. */
const mostLooked = 10_000;

const byName = new Map<string, CommandRule[]>();
for (const rule of commandRules) for (const name of rule.names) byName.set(name, [...(byName.get(name) ?? []), rule]);

/** Whether something is known of what a command does. */
export const isJudged = (name: string): boolean => byName.has(name) || byName.has(name.replace(/\.\w+$/, ''));

/** @param args without quotes, as the shell gives them */
export function commandRisk(name: string, args: readonly string[]): Found[] {
  // Where something stands that is known only when it runs, a word is there all the same.
  const whole = args.map((each) => each.replaceAll('\0', '?')).join(' ');
  const line = whole.length > 2 * mostLooked ? `${whole.slice(0, mostLooked)} ${whole.slice(-mostLooked)}` : whole;
  const rules = byName.get(name) ?? byName.get(name.replace(/\.\w+$/, '')) ?? [];
  const found = rules.flatMap(({ risk, args: pattern, not }) => {
    if (not?.test(line) === true) return [];
    if (pattern === undefined) return [{ risk, what: name }];
    const match = pattern.exec(line);
    const what = (match?.[1] ?? match?.[0] ?? '').replace(/^(\S+) .* (\S+)$/, '$1 $2').trim();
    return match === null ? [] : [{ risk, what: `${name} ${what}`.trim() }];
  });
  // What is worst says it, once.
  const worst = found.find(({ risk }) => risk === 'destructive') ?? found[0];
  return worst === undefined ? [] : [worst];
}
