/**
 * Are the ports free? Asked before anything on disk is touched, so that a start that cannot succeed changes
 * nothing.
 */
import { createServer } from 'node:net'

/** A port cannot be bound; the message names flag, port and address. */
export class PortError extends Error {
  override name = 'PortError'
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; stop the other program or choose another port',
  EACCES: 'may not be used by this user; choose one of 1024 or above',
  EADDRNOTAVAIL: 'cannot be bound: this machine does not have that address',
  ENOTFOUND: 'cannot be bound: that address is not known',
}

export const portError = (
  flag: string,
  host: string,
  port: number,
  error: Error & { code?: string },
): PortError =>
  new PortError(
    `--${flag} ${port} on ${host} ${REASONS[error.code ?? ''] ?? `cannot be bound: ${error.message}`}`,
  )

/** Throws PortError when the port cannot be bound now. */
export function assertFree(flag: string, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => reject(portError(flag, host, port, error)))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve()))
  })
}
