/**
 * Sketches for a device, ready to paste: the templates beside this file with the box's address, the pins of the board
 * and the device's own credentials filled in. `@NAME@` is a value; a line that begins with `//?` and a word is there
 * only where the word holds.
 */
import arduino from './arduino.ino?raw'
import espIdf from './esp-idf.c?raw'

export const SKETCHES = {
  arduino: { text: arduino, suffix: '.ino' },
  'esp-idf': { text: espIdf, suffix: '.c' },
} as const
export type SketchName = keyof typeof SKETCHES

/** Boards by the name the server knows their pins by: an analog input that works beside Wi-Fi, a pin for a relay. */
export const BOARDS = {
  ESP32_WROOM: { name: 'ESP32 (WROOM, DevKit)', sensor: 34, relay: 26 },
  XIAO_ESP32_C3: { name: 'ESP32-C3 (XIAO)', sensor: 2, relay: 10 },
  ESP32_S3: { name: 'ESP32-S3', sensor: 4, relay: 5 },
} as const
export type BoardName = keyof typeof BOARDS

export interface Wiring {
  readonly id: string
  /** Its own password, or the claim code with which it fetches one. */
  readonly password: string
  readonly isCode: boolean
  readonly board: BoardName
  readonly kaiser_id: string
  /** Name or address of the box; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  readonly wifi: string
  readonly wifi_password: string
}

/** As it stands between the quotes of a C string. */
const quoted = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[\r\n]/g, '')

/** The text of a sketch for one device. */
export function sketchFor(name: SketchName, wiring: Wiring): string {
  const { host, board } = wiring
  const holds: Record<string, boolean> = {
    tls: wiring.isTls,
    plain: !wiring.isTls,
    pair: wiring.isCode,
    own: !wiring.isCode,
  }
  const values: Record<string, string | number> = {
    ID: wiring.id,
    PASSWORD: quoted(wiring.password),
    BOARD: board,
    KAISER: wiring.kaiser_id,
    BOX: host,
    HOST: host.includes(':') ? `[${host}]` : host,
    PORT: wiring.port,
    SENSOR: BOARDS[board].sensor,
    RELAY: BOARDS[board].relay,
    WIFI: quoted(wiring.wifi) || 'your Wi-Fi',
    WIFI_PASSWORD: quoted(wiring.wifi_password) || 'its password',
  }
  return SKETCHES[name].text
    .split('\n')
    .flatMap((line) => {
      const [, word, rest = ''] = /^\/\/\?(\w+) ?(.*)$/.exec(line) ?? []
      if (word === undefined) return [line]
      return holds[word] ? [rest] : []
    })
    .join('\n')
    .replaceAll(/@([A-Z_]+)@/g, (whole, key: string) => String(values[key] ?? whole))
}
