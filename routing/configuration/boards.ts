/**
 * The boards kaiser knows by their pins: which do not exist, which the board needs itself, which can only be read,
 * and where its I²C bus is. A board that is not in the table has no pins that are known to be taken. Numbers:
 * protocol.md §0.2 and the datasheets of the chips.
 */
export interface Board {
  readonly name: string
  /** The last number of a pin. */
  readonly last: number
  /** Pins the board uses itself, and for what. */
  readonly reserved: ReadonlyMap<number, string>
  readonly missing: ReadonlySet<number>
  readonly inputOnly: ReadonlySet<number>
  /** Data and clock of the I²C bus, where every firmware has it on the same pins. */
  readonly i2c: readonly number[]
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n)

const taken = (...uses: readonly (readonly [what: string, pins: readonly number[]])[]): Map<number, string> =>
  new Map(uses.flatMap(([what, pins]) => pins.map((pin) => [pin, what] as const)))

const FLASH = 'the flash memory'
const USB = 'USB'
/** It talks at every boot: what hangs on it is switched then. Firmware reports these pins as the system's own. */
const SERIAL = 'the serial port'

const boards: readonly (Board & { readonly aliases: readonly string[] })[] = [
  {
    name: 'ESP32_WROOM',
    aliases: ['esp32', 'esp32dev', 'esp32devkit', 'esp32devkitv1', 'esp32doitdevkitv1', 'esp32wroom32'],
    last: 39,
    reserved: taken([SERIAL, [1, 3]], [FLASH, range(6, 11)]),
    missing: new Set([20, 24, ...range(28, 31)]),
    inputOnly: new Set(range(34, 39)),
    i2c: [21, 22],
  },
  {
    name: 'XIAO_ESP32_C3',
    aliases: ['esp32c3', 'xiaoesp32c3', 'seeedxiaoesp32c3', 'xiaoc3'],
    last: 21,
    reserved: taken([FLASH, range(12, 17)], [USB, [18, 19]]),
    missing: new Set([11]),
    inputOnly: new Set(),
    i2c: [],
  },
  {
    name: 'ESP32_S3',
    aliases: ['esp32s3', 'esp32s3devkitc1', 'xiaoesp32s3'],
    last: 48,
    reserved: taken([USB, [19, 20]], [FLASH, range(26, 32)]),
    missing: new Set(range(22, 25)),
    inputOnly: new Set(),
    i2c: [],
  },
  {
    name: 'ESP8266',
    aliases: ['nodemcu', 'nodemcuv2', 'nodemcuv3', 'd1mini', 'wemosd1mini', 'esp12e'],
    last: 16,
    reserved: taken([SERIAL, [1, 3]], [FLASH, range(6, 11)]),
    missing: new Set(),
    inputOnly: new Set(),
    i2c: [4, 5],
  },
]

const plain = (word: string): string => word.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

const byName = new Map(
  boards.flatMap((board) => [plain(board.name), ...board.aliases].map((name) => [name, board])),
)

/** The board of this name, in any spelling; undefined when nobody knows it. */
export const boardOf = (hardware_type: string): Board | undefined => byName.get(plain(hardware_type))

/**
 * Why a pin cannot be used on this board; undefined when it can. Sensors may have numbers beyond its pins: they name
 * channels of something that is connected to it.
 */
export function unusable(board: Board | undefined, gpio: number, use: 'read' | 'driven'): string | undefined {
  if (!board) return undefined
  const what = board.reserved.get(gpio)
  if (what) return `belongs to ${what} of an ${board.name}`
  if (board.missing.has(gpio)) return `does not exist on an ${board.name}`
  if (use === 'read') return undefined
  if (board.inputOnly.has(gpio)) return `can only be read on an ${board.name}, not driven`
  return gpio > board.last
    ? `does not exist on an ${board.name}, whose pins are 0 to ${board.last}`
    : undefined
}
