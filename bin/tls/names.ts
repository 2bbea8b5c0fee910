/** The names and addresses this machine is reached by, and which words are such names. */
import { isIP, isIPv6 } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'

/** A certificate has to stay small for an ESP32. */
export const NAMES_MAX = 32

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

export const isAddress = (word: string): boolean => isIP(word) !== 0

/** Is it a host name, also `*.example.org`? */
export const isHostName = (word: string): boolean =>
  word.length <= 253 &&
  word
    .toLowerCase()
    .replace(/^\*\./, '')
    .split('.')
    .every((label) => LABEL.test(label)) &&
  !/(^|\.)\d+$/.test(word)

/** A name in the one spelling that names are compared in. */
export const canonical = (name: string): string =>
  isIPv6(name) ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase()

/** The first word of the host name, in lower case; `kaiser` where the machine has none that can be one. */
export function hostLabel(host = hostname()): string {
  const label = host.toLowerCase().split('.')[0]!
  return isHostName(label) ? label : 'kaiser'
}

/** Addresses others can reach; link-local ones need an interface besides, which no certificate can name. */
export const addresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .sort((a, b) => (a.family === b.family ? 0 : a.family === 'IPv4' ? -1 : 1))
    .map(({ address }) => address)

/** Every name of this machine, then `more`, then `before` as far as there is room; each once. */
export function namesOfThisMachine(more: readonly string[] = [], before: readonly string[] = []): string[] {
  const host = hostname().toLowerCase()
  const label = hostLabel()
  const own = [label, `${label}.local`, ...(isHostName(host) ? [host] : []), 'localhost', '127.0.0.1', '::1']
  return [...new Set([...own, ...more, ...addresses(), ...before].map(canonical))].slice(0, NAMES_MAX)
}
