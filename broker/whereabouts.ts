/** How near a device is: it has a connection, and that hears its commands. */
export type Whereabouts = 'away' | 'here' | 'hears'
