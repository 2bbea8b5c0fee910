/** A directory of user modules, the sensor types made of it, and everything that was said about them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Conversion, SensorTypeDescription } from '../../../routing/sensors/sensor-type.js'
import { createUserTypes, type UserTypes } from '../../../routing/sensors/user-types.js'

export const PLAIN: Conversion = { calibration: null, params: {}, temperature: null }

export interface Opened extends UserTypes {
  readonly directory: string
  /** Types that are known, by name. */
  readonly known: Map<string, SensorTypeDescription>
  readonly failures: { file: string; type: string | null; error: string }[]
  /** Puts a module there: its text, or the body of its `convert`. */
  write(file: string, text: string): void
  remove(file: string): void
}

export interface OpenOptions {
  /** Names that mean something else already. */
  taken?: readonly string[]
  /** The directory does not exist. */
  missing?: boolean
  monotonic?: () => number
}

/** A module of that type whose `convert` has this body. */
export const module = (type: string, convert: string, more = ''): string =>
  `export default { type: '${type}', unit: 'ppm', ${more} convert(native, { calibration, params, temperature }) { ${convert} } }\n`

/** Started, with these modules there from the beginning; gone when the test ends. */
export async function openUserTypes(
  t: { teardown(work: () => unknown): unknown },
  files: Readonly<Record<string, string>>,
  options: OpenOptions = {},
): Promise<Opened> {
  const root = mkdtempSync(join(tmpdir(), 'kaiser-'))
  const directory = join(root, 'sensors')
  if (!options.missing) mkdirSync(directory)
  const write = (file: string, text: string): void => {
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  const known = new Map<string, SensorTypeDescription>()
  const failures: Opened['failures'] = []
  const types = createUserTypes({
    directory,
    added(description) {
      const name = [description.type, ...description.aliases].find(
        (name) => known.has(name) || options.taken?.includes(name),
      )
      if (name !== undefined) return `"${name}" is taken`
      known.set(description.type, description)
      return undefined
    },
    removed: (type) => void known.delete(type),
    failed: (file, type, error) => void failures.push({ file, type, error }),
    monotonic: options.monotonic ?? (() => performance.now()),
    every: 50,
  })
  t.teardown(async () => {
    await types.close()
    rmSync(root, { recursive: true, force: true })
  })
  await types.start()
  return {
    ...types,
    directory,
    known,
    failures,
    write,
    remove: (file) => rmSync(join(directory, file)),
  }
}
