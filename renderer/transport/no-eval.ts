/**
 * Else zod tries whether it may compile code, which the content security policy refuses and reports. It tries when the
 * first schema is made, so this must be imported before anything that makes one.
 */
import { config } from 'zod';

config({ jitless: true });
