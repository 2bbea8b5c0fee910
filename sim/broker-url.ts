/**
 * The address of a broker as people write it, and connections to it: `mqtt://host:1883` over TCP, `mqtts://host:8883`
 * over TLS. Credentials have no place in it, because command lines are seen by others.
 */
import { connect, isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectSecurely } from 'node:tls'

export interface BrokerUrl {
  /** As it was written, without a slash at its end. */
  readonly text: string
  readonly secure: boolean
  readonly host: string
  readonly port: number
}

const PORTS: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'mqtts:': 8883 }

/** Throws an Error that says what is allowed. */
export function parseBrokerUrl(text: string): BrokerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const port = url && PORTS[url.protocol]
  if (
    !url ||
    port === undefined ||
    url.hostname === '' ||
    !/^\/?$/.test(url.pathname + url.search + url.hash)
  )
    throw new Error('an address such as mqtt://host:1883 or mqtts://host:8883')
  if (url.username !== '' || url.password !== '')
    throw new Error('an address without credentials; they come with --username and --password-stdin')
  return {
    text: text.replace(/\/$/, ''),
    secure: url.protocol === 'mqtts:',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? port : Number(url.port),
  }
}

/** Makes a new connection at each call; `ca` is who is trusted besides those this machine trusts, as PEM. */
export function dial({ secure, host, port }: BrokerUrl, ca?: string | undefined): () => Duplex {
  if (!secure) return () => connect({ host, port, noDelay: true })
  return () =>
    connectSecurely({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
    })
}

/** How an address is shown that is not allowed. */
export const withoutCredentials = (text: string): string => text.replace(/\/\/[^/]*@/, '//***@')
