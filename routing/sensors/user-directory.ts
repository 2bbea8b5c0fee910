/**
 * Which files of a directory are modules of users, and what tells one version of a file from another. Only looks:
 * nothing is opened, and a directory that does not exist is an empty one.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface ModuleFile {
  /** Name within the directory. */
  readonly file: string
  readonly path: string
  /** Differs when the file was changed. */
  readonly stamp: string
  /** Why it cannot be a module, whatever is in it. */
  readonly refused?: string
}

const MODULES = 64
const MODULE_BYTES = 256 * 1024
/** Editors keep their copies in names that begin with a dot. */
const NAME = /^[^.].*\.m?js$/

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The modules in order of their names. Throws what the file system says when the directory cannot be read. */
export async function moduleFiles(directory: string): Promise<ModuleFile[]> {
  let names: string[]
  try {
    names = (await readdir(directory)).filter((name) => NAME.test(name)).sort()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
  const files: ModuleFile[] = []
  for (const file of names) {
    const path = join(directory, file)
    try {
      const found = await stat(path)
      if (!found.isFile()) continue
      if (files.length >= MODULES) {
        files.push({ file, path, stamp: 'beyond', refused: `is beyond the first ${MODULES} modules` })
        continue
      }
      const { mtimeMs, size, ino } = found
      const large = size > MODULE_BYTES && `has ${size} bytes; allowed are ${MODULE_BYTES}`
      files.push({ file, path, stamp: `${mtimeMs} ${size} ${ino}`, ...(large && { refused: large }) })
    } catch (error) {
      // It was there a moment ago, or is a link to nowhere.
      if (!isMissing(error)) throw error
    }
  }
  return files
}
