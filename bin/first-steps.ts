/** What to do next on a data directory that knows nobody yet, as sentences for the log. */
import { hostname } from 'node:os'

export interface FirstSteps {
  users: number
  devices: number
  /** Whoever wants may connect on MQTT. */
  anonymous: boolean
  /** The flag that commands need to find this data directory; empty for the default one. */
  where: string
  /** The address kaiser listens on. */
  host: string
  http_port: number
  scheme: string
}

/** Where a browser finds an address that stands for all of them. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host.includes(':') ? `[${host}]` : host
}

export function firstSteps({
  users,
  devices,
  anonymous,
  where,
  host,
  http_port,
  scheme,
}: FirstSteps): string[] {
  const steps: string[] = []
  if (users === 0)
    steps.push(
      `No user yet: open ${scheme}://${reachable(host)}:${http_port}/ or run \`kaiser user add NAME --role admin --password-stdin${where}\``,
    )
  if (devices === 0 && !anonymous)
    steps.push(
      `No device yet: \`kaiser device add ESP_12AB34CD${where}\` makes the credentials of one, \`kaiser device pair${where}\` lets a new one in to be given its own`,
    )
  return steps
}
