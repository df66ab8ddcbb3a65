// The screens that are not needed for the first look: one chunk, read when one of them is seen, or soon after the first screen was drawn.
export { Instance } from './instance.js';
export { Live } from './live.js';
export { Models } from './models.js';
export { Options } from './options.js';
export { Parked } from './parked.js';
export { Processes } from './processes.js';
export { Stream } from './stream.js';
export { Streams } from './streams.js';
