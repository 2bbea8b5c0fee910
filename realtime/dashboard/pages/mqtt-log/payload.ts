/** A payload as people read it: JSON spread over lines, other text as it is, and bytes as base64. */
import { t } from '../../words/index.js'
import type { Message } from './lines.js'

export function inspected({ payload, encoding, cut }: Pick<Message, 'payload' | 'encoding' | 'cut'>): string {
  if (payload === null) return t('mqtt_log.hidden')
  if (payload === '') return t('mqtt_log.empty')
  if (encoding === 'base64') return `base64: ${payload}`
  if (cut) return payload
  try {
    return JSON.stringify(JSON.parse(payload), null, 2)
  } catch {
    return payload
  }
}
