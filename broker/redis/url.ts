/**
 * What `--redis` is given: `redis://` or `rediss://` (TLS), user and password, host, port and database number.
 * Says what is allowed when it is something else, and never shows a password.
 */

import { isIP } from 'node:net'

/** Where Redis is, in the words of ioredis. */
export interface RedisPlace {
  readonly host: string
  readonly port: number
  readonly db: number
  readonly username?: string
  readonly password?: string
  readonly tls?: { readonly servername?: string }
  /** The URL without its password, for logs and health. */
  readonly shown: string
}

const ALLOWED = 'it must be redis://[[user]:password@]host[:port][/database], or rediss:// for TLS'
const PORT = 6379

/** Throws an Error that says what is allowed. */
export function parseRedisUrl(text: string): RedisPlace {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const database = url && /^\/?(\d{0,4})$/.exec(url.pathname)
  const secure = url?.protocol === 'rediss:'
  if (
    !url ||
    !database ||
    !(secure || url.protocol === 'redis:') ||
    url.hostname === '' ||
    url.search ||
    url.hash
  )
    throw new Error(ALLOWED)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const username = decoded(url.username)
  const password = decoded(url.password)
  return {
    host,
    port: url.port === '' ? PORT : Number(url.port),
    db: Number(database[1]),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    // No address is a server name (RFC 6066, 3).
    ...(secure && { tls: isIP(host) === 0 ? { servername: host } : {} }),
    shown: withoutPassword(text),
  }
}

/** Also for what is no URL at all: whatever stands before the last `@` may be a password. */
export const withoutPassword = (text: string): string => text.replace(/^([a-z+]+:\/\/)?.*@/i, '$1***@')

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error(ALLOWED)
  }
}
