/** What a row of the table of codes says. */
export type Level = 'error' | 'warn' | 'info' | 'debug'
export type Family = 'Validation' | 'Config' | 'Service' | 'Database' | 'MQTT'

export interface Code {
  level: Level
  /** HTTP status when the same thing happens over REST. */
  status: number
  family: Family
  number: number
  /** One sentence with the next step; log lines begin with it. */
  sentence: string
}

/** One row, without the names of its columns. */
export const code = (
  family: Family,
  number: number,
  level: Level,
  status: number,
  sentence: string,
): Code => ({
  family,
  number,
  level,
  status,
  sentence,
})
