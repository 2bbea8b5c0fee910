/** The language of kaiser for everybody outside: topics, payloads, events, codes. Browser-safe. */
export * from './codes.js'
export * from './device-events.js'
export * from './device-payloads.js'
export * from './events.js'
export * from './payloads.js'
export * from './quality.js'
export * from './topics.js'
