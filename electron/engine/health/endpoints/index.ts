/** The door of the checks of endpoints. */
export { createEndpoints, type Endpoints } from './endpoints-of.ts';
export { createEndpointRoom, endpointLines } from './endpoint-room.ts';
export { lookAtEndpoint, targetOf } from './look-at-endpoint.ts';
