/** What the flags of several commands have in common: how a word is given, `--json`, and that nothing but flags is taken. */
import { type Option, type Options, type Parsed, readConfig, UsageError, yes } from './config.js'

/** A flag that may be missing, whose value is a text; `value` is its placeholder in the help. */
export const wordFlag = (
  value: string,
  summary: string,
  parse = (text: string): string => text,
): Option<string | undefined> => ({ value, default: undefined, summary, parse })

export const jsonFlag: Option<boolean> = { default: false, summary: 'print JSON', parse: yes }

/** Reads the flags of a command that takes nothing else. Throws UsageError. */
export function readFlags<O extends Options>(
  command: string,
  options: O,
  argv: readonly string[],
): Parsed<O> {
  const { config, positionals } = readConfig(options, argv)
  if (positionals.length > 0)
    throw new UsageError(`${command} takes flags only; "${positionals[0]}" is too much`)
  return config
}
