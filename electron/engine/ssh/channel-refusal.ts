/** Why a server did not open a channel to somewhere else. Source: RFC 4254, 5.1. */
export interface ChannelRefusal {
  code: 'ssh.forwarding-refused' | 'ssh.refused' | 'ssh.channel-refused' | 'ssh.connection-lost';
  /** What the server does: "does not forward connections there". */
  what: string;
  /** Its own words. */
  said: string;
  hint: string;
}

const reasons: Record<number, Omit<ChannelRefusal, 'said'>> = {
  1: { code: 'ssh.forwarding-refused', what: 'does not forward connections there (administratively prohibited)', hint: 'Let it, in its sshd_config: AllowTcpForwarding and PermitOpen, for a socket AllowStreamLocalForwarding; or "permitopen" and "restrict" at the key in authorized_keys.' },
  2: { code: 'ssh.refused', what: 'could not connect there', hint: 'Check the address as it is seen from there, and that what is meant runs and listens on it.' },
  3: { code: 'ssh.forwarding-refused', what: 'knows no such forwarding', hint: 'Its sshd was built without it, or is older than it (sockets came with OpenSSH 6.7).' },
  4: { code: 'ssh.channel-refused', what: 'has no room for another channel', hint: 'Try again when it has less to do.' },
};

/** ssh2's words for a connection that ended before the server answered. */
const unanswered = 'No response from server';

/** Reads the error that ssh2 gives. */
export function readRefusal(error: Error): ChannelRefusal {
  if (error.message === unanswered) return { code: 'ssh.connection-lost', what: 'was lost before it answered', said: 'the connection ended', hint: 'Try again.' };
  const known = 'reason' in error && typeof error.reason === 'number' ? reasons[error.reason] : undefined;
  return { ...(known ?? { code: 'ssh.channel-refused', what: 'opened no channel', hint: 'Look into the log of its sshd.' }), said: error.message.replace(/^\(SSH\) Channel open failure: /, '') };
}
