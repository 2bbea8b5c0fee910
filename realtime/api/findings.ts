/** `/findings`: what kaiser noticed about devices and people should look at. In memory since the start. */
import Type from 'typebox'
import { FINDINGS, type FindingKind, type Findings } from '../../routing/findings.js'
import { type Resource, route } from '../route.js'
import { Time } from '../shapes.js'
import { iso } from '../web.js'

const Kind = Type.Enum(Object.keys(FINDINGS) as FindingKind[])

export interface FindingsOptions {
  findings: Findings
}

export const findings = ({ findings: noticed }: FindingsOptions): Resource => ({
  prefix: '/findings',
  tag: 'Findings',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'viewer',
      summary: 'What is worth a look, latest first; one per device and kind',
      query: Type.Object({
        esp_id: Type.Optional(Type.String({ description: 'device or client id' })),
        kind: Type.Optional(Kind),
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        data: Type.Array(
          Type.Object({
            kind: Kind,
            sentence: Type.String({ description: 'what it means and what to do' }),
            esp_id: Type.String({ description: 'device or client id' }),
            count: Type.Integer({ minimum: 1 }),
            first_at: Time,
            last_at: Time,
            details: Type.Record(Type.String(), Type.Unknown(), { description: 'the latest circumstances' }),
          }),
        ),
        total: Type.Integer(),
      }),
      handle({ query: { esp_id, kind } }) {
        const data = noticed
          .list(esp_id)
          .filter((finding) => kind === undefined || finding.kind === kind)
          .map(({ first_at, last_at, ...finding }) => ({
            ...finding,
            sentence: FINDINGS[finding.kind],
            first_at: iso(first_at)!,
            last_at: iso(last_at)!,
          }))
        return { success: true as const, data, total: data.length }
      },
    }),
  ],
})
