/** `node supervisor-main.ts COMMAND ARGS…`: the supervisor as a process of plain Node. */
import { superviseOnWindows } from './windows-supervisor.ts';

superviseOnWindows(process.argv.slice(2));
