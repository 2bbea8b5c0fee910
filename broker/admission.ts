/**
 * How many may be connected: in total, per network address, and before they have said who they are. Counts
 * and nothing else; the listeners ask it before a byte is read.
 */
import type { BoundName, Bounds } from './bounds.js'

/** A place among the connections; released once. */
export interface Place {
  /** It has said who it is. */
  authenticated(): void
  release(): void
}

export interface Admission {
  /** A place, or the bound it is refused for. `isKnown`: who it is need not be said. */
  enter(address: string | null, isKnown?: boolean): Place | BoundName
  readonly connections: number
  readonly unauthenticated: number
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address)

export function createAdmission(bounds: Bounds): Admission {
  const byAddress = new Map<string, number>()
  let connections = 0
  let unauthenticated = 0

  return {
    get connections() {
      return connections
    },
    get unauthenticated() {
      return unauthenticated
    },
    enter(address, isKnown = false) {
      const limited = address !== null && !isLoopback(address)
      const fromThere = limited ? (byAddress.get(address) ?? 0) : 0
      if (connections >= bounds.connections) return 'connections'
      if (fromThere >= bounds.connections_per_address) return 'connections_per_address'
      if (!isKnown && unauthenticated >= bounds.unauthenticated) return 'unauthenticated'
      connections++
      if (!isKnown) unauthenticated++
      if (limited) byAddress.set(address, fromThere + 1)
      let waiting = !isKnown
      let here = true
      const authenticated = (): void => {
        if (waiting) unauthenticated--
        waiting = false
      }
      return {
        authenticated,
        release() {
          if (!here) return
          here = false
          authenticated()
          connections--
          if (!limited) return
          const left = (byAddress.get(address) ?? 1) - 1
          if (left > 0) byAddress.set(address, left)
          else byAddress.delete(address)
        },
      }
    },
  }
}
