/**
 * Devices that are connected to other nodes. The nodes tell one another which devices they have, and what is told to one
 * of those goes to its node, past every queue, and what became of it comes back. Nothing is told late: each time a node
 * loses Redis or finds it again it counts on, and what was said to it before does not count any more.
 */
import type { Life } from '../../routing/tell.js'
import type { Whereabouts } from '../whereabouts.js'

export interface ElsewhereOptions {
  /** The name of this node. */
  me: () => string
  /** Is Redis there? */
  up: () => boolean
  /** Was this node heard lately? */
  isThere: (node: string) => boolean
  /** How many other nodes are there. */
  others: () => number
  say: (word: string, payload: string) => void
}

/** Says something here for another node; with a life, also to the device itself. */
export type TellHere = (
  esp_id: string,
  message: { topic: string; payload: string },
  life: Life | undefined,
) => void

export interface Elsewhere {
  /** How near the device is on another node. */
  where(esp_id: string): Whereabouts
  /** Whoever subscribes there hears it; with a life, the device is told there. */
  tell(esp_id: string, message: { topic: string; payload: string }, life: Life | undefined): void
  /** A device came nearer or went away here. */
  moved(esp_id: string, where: Whereabouts): void
  serve(tellHere: TellHere): void
  /** Redis is lost, or about to be there again. */
  renew(): void
  /** Says which devices are here. */
  sayAll(): void
  /** What another node said; true when it was about this. */
  told(node: string, word: string, payload: string): boolean
}

interface Node {
  line: number
  readonly devices: Map<string, Whereabouts>
}

/** Which devices a node has; `all` when what it said before is forgotten. */
interface Devices {
  line: number
  all: boolean
  devices: [esp_id: string, where: Whereabouts][]
}

interface Telling {
  n: number
  esp_id: string
  topic: string
  payload: string
  /** The node that is to tell the device. */
  to: string | null
  /** What each node counted to. */
  lines: Record<string, number>
}

interface Answer {
  node: string
  n: number
  acknowledged: boolean
}

const DEVICES = 'devices'
const TELL = 'tell'
const TOLD = 'told'

const PAGE = 500
/** Lives that wait for an answer; it is no news any more when so many were told since. */
const LIVES = 10_000

export function createElsewhere({ me, up, isThere, others, say }: ElsewhereOptions): Elsewhere {
  const here = new Map<string, Whereabouts>()
  const nodes = new Map<string, Node>()
  const lives = new Map<number, Life>()
  let tellHere: TellHere = () => {}
  let line = 0
  let told = 0

  const sayDevices = (all: boolean, devices: Devices['devices']): void =>
    say(DEVICES, JSON.stringify({ line, all, devices } satisfies Devices))

  /** The other node that is nearest to the device, and how near. */
  const nearest = (esp_id: string): { node: string | null; where: Whereabouts } => {
    let found: { node: string | null; where: Whereabouts } = { node: null, where: 'away' }
    if (!up()) return found
    for (const [node, { devices }] of nodes) {
      if (!isThere(node)) {
        nodes.delete(node)
        continue
      }
      const where = devices.get(esp_id) ?? 'away'
      if (where === 'hears') return { node, where }
      if (where === 'here') found = { node, where }
    }
    return found
  }

  const answer = (node: string, n: number): Life => {
    const report = (acknowledged: boolean): void =>
      say(TOLD, JSON.stringify({ node, n, acknowledged } satisfies Answer))
    return { written: () => report(false), acknowledged: () => report(true) }
  }

  const hear: Readonly<Record<string, (node: string, payload: never) => void>> = {
    [DEVICES](from, { line, all, devices }: Devices) {
      const known = nodes.get(from)
      // Redis may hand out late what was said long ago.
      if (known ? line < known.line : !all) return
      const node = all || !known ? { line, devices: new Map<string, Whereabouts>() } : known
      for (const [esp_id, where] of devices)
        if (where === 'away') node.devices.delete(esp_id)
        else node.devices.set(esp_id, where)
      nodes.set(from, node)
    },
    [TELL](from, { n, esp_id, topic, payload, to, lines }: Telling) {
      if (lines[me()] !== line) return
      tellHere(esp_id, { topic, payload }, to === me() ? answer(from, n) : undefined)
    },
    [TOLD](_from, { node, n, acknowledged }: Answer) {
      const life = node === me() ? lives.get(n) : undefined
      if (!life) return
      if (!acknowledged) return life.written()
      lives.delete(n)
      life.acknowledged()
    },
  }

  return {
    where: (esp_id) => nearest(esp_id).where,
    tell(esp_id, message, life) {
      if (!up() || others() === 0) return
      const { node } = life ? nearest(esp_id) : { node: null }
      const n = ++told
      if (life && node !== null) {
        lives.set(n, life)
        if (lives.size > LIVES) lives.delete(lives.keys().next().value!)
      }
      const lines = Object.fromEntries([...nodes].map(([name, { line }]) => [name, line]))
      say(TELL, JSON.stringify({ n, esp_id, ...message, to: node, lines } satisfies Telling))
    },
    moved(esp_id, where) {
      if ((here.get(esp_id) ?? 'away') === where) return
      if (where === 'away') here.delete(esp_id)
      else here.set(esp_id, where)
      if (up()) sayDevices(false, [[esp_id, where]])
    },
    serve(saying) {
      tellHere = saying
    },
    renew() {
      line++
      // They say it again, when they are there.
      nodes.clear()
    },
    sayAll() {
      const devices = [...here]
      // Also when there is none: it says what it counted to.
      for (let at = 0; at === 0 || at < devices.length; at += PAGE)
        sayDevices(at === 0, devices.slice(at, at + PAGE))
    },
    told(node, word, payload) {
      if (!Object.hasOwn(hear, word)) return false
      hear[word]!(node, JSON.parse(payload) as never)
      return true
    },
  }
}
