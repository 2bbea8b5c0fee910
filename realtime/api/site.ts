/** `/site`: the name of the site, its time zone, and whether its first run was gone through. */
import Type, { type Static } from 'typebox'
import { FIELD_WRONGS, fieldWrong } from '../../routing/contract/sentences/fields.js'
import { changeSite, siteOf, timeZoneOf } from '../../routing/site.js'
import type { Store } from '../../storage/store.js'
import { type Resource, route } from '../route.js'
import { given, nullable } from '../shapes.js'
import { byUser } from '../user-audit.js'
import { wrongField } from '../validate.js'

const SiteBody = Type.Object({
  success: Type.Literal(true),
  name: nullable(Type.String({ description: 'null while nobody named it' })),
  time_zone: Type.String({ description: 'IANA' }),
  is_box_zone: Type.Boolean({ description: 'nobody chose the time zone: it is that of the box' }),
  setup_finished: Type.Boolean({ description: 'the first run was gone through' }),
})

export interface SiteOptions {
  store: Store
  now: () => number
}

export function site({ store, now }: SiteOptions): Resource {
  const body = (): Static<typeof SiteBody> => ({ success: true, ...siteOf(store) })

  return {
    prefix: '/site',
    tag: 'Site',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'viewer',
        summary: 'What the site is called and in which time zone it lives',
        answer: SiteBody,
        handle: body,
      }),

      route({
        method: 'PATCH',
        path: '',
        role: 'admin',
        summary: 'Change the site; what is left out stays, null goes back to the default',
        body: Type.Object(
          {
            name: given(
              Type.String({
                minLength: 1,
                maxLength: 100,
                pattern: '\\S',
                description: 'up to 100 characters',
              }),
            ),
            time_zone: given(Type.String({ maxLength: 64, description: 'IANA, such as Europe/Berlin' })),
            setup_finished: Type.Optional(Type.Boolean()),
          },
          { additionalProperties: false },
        ),
        answer: SiteBody,
        async handle(asked) {
          const { name, time_zone, setup_finished } = asked.body
          const zone = time_zone ? timeZoneOf(time_zone) : time_zone
          if (time_zone && zone === undefined)
            throw wrongField('time_zone', FIELD_WRONGS.time_zone, time_zone, 'body', fieldWrong('time_zone'))
          const changes = {
            ...(name !== undefined && { name: name?.trim() ?? null }),
            ...(zone !== undefined && { time_zone: zone }),
            ...(setup_finished !== undefined && { setup_finished }),
          }
          if (Object.keys(changes).length > 0)
            await store.group.run(() => {
              changeSite(store, changes, now())
              store.auditLogs.insert(byUser(asked, { event_type: 'site_changed', details: changes }), now())
            })
          return body()
        },
      }),
    ],
  }
}
