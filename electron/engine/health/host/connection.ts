/** The way to the host itself. What went wrong on it is said by whoever looks; this judges a way that worked. */
import { duration } from '../figures.ts';
import { against, evidence } from '../findings.ts';
import type { HostCheck } from './host-check.ts';

export const hostConnection: HostCheck = {
  about: {
    id: 'host-connection',
    title: 'Connection over SSH',
    group: 'availability',
    unit: 'ms',
    warn: 2000,
    critical: 5000,
    source: 'own: 2 / 5 s',
    question: 'Can the host be reached, and how long does its shell take to begin?',
    meaning: 'Every command on the host waits for that.',
    causes: ['Something in .bashrc or .profile is slow: a version manager, a network folder', 'The way to the host is long or lossy', 'The host is busy'],
    needs: 'an account that may sign in and has a shell',
  },
  reads: [],
  judge(_seen, look) {
    const value = Math.round(look.answerMs);
    const slow = against(value, look);
    const [said = ''] = look.chatter.split('\n');
    const talks = look.chatter !== '';
    return {
      status: talks && slow === 'ok' ? 'warn' : slow,
      value,
      summary: `${duration(value / 1000)} until its shell began${talks ? `, which prints text of its own before every command: "${said.slice(0, 100)}"` : ''}`,
      ...(slow === 'ok' ? { meaning: talks ? 'Text on standard output breaks transfers of files.' : 'It is reached, and its shell begins at once.' } : {}),
      ...(talks && slow === 'ok' ? { causes: ['.bashrc, .profile or .cshrc prints also where nobody is at a terminal'] } : {}),
      evidence: evidence(look.hops, { machine: (hop) => hop.label, address: (hop) => hop.address, 'host key': (hop) => hop.hostKey, 'ms to sign in': (hop) => Math.round(hop.ms) }),
      fix: talks ? { where: 'shell', do: 'case $- in *i*) ;; *) return;; esac', undo: null, harmless: true, note: 'As the first line of ~/.bashrc (or ~/.profile): what follows is left out where nobody is at a terminal.' } : null,
    };
  },
};
