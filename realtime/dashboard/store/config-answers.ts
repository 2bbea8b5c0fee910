/** What devices answered to configurations lately, by the id of what they answer, for the form that waits for it. */
import { shallowReactive } from 'vue'
import type { EventData } from '../../../routing/contract/events.js'
import { findingsSoon } from './findings.js'

export type ConfigAnswer = Pick<
  EventData['config_response'],
  'esp_id' | 'status' | 'message' | 'error_code' | 'error_description'
>

export const configAnswers = shallowReactive(new Map<string, ConfigAnswer>())
const MOST = 50

export function takeConfigAnswer(event: EventData['config_response']): void {
  const { correlation_id, esp_id, status, message, error_code, error_description } = event
  // What was refused is a finding until it is taken.
  findingsSoon()
  if (!correlation_id) return
  configAnswers.delete(correlation_id)
  configAnswers.set(correlation_id, { esp_id, status, message, error_code, error_description })
  const [oldest] = configAnswers.keys()
  if (configAnswers.size > MOST && oldest !== undefined) configAnswers.delete(oldest)
}

export const forgetConfigAnswers = (): void => configAnswers.clear()
