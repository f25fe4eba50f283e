/** A process that changes the severity of an incident and is killed at a point of it: node incident-to-kill.ts FOLDER POINT INCIDENT COMMAND */
import { createIncidentStage } from '#test/incident-stage.ts';

const [root = '', point = '', incidentId = '', commandId = ''] = process.argv.slice(2);
const { core, call } = createIncidentStage(root);
core.ports.checkpoint = async (name) => {
  if (name === point) process.kill(process.pid, 'SIGKILL');
};
await call('incident.act', { incidentId, expectedSeq: 1, commandId, act: { kind: 'severity', severity: 'p1', reason: 'it is down now' } });
