export const offline = {
  denied: 'Dieser Browser hebt für diese Seite nichts auf: Ist die Box weg, zeigt sie nichts.',
  failed:
    'Dieser Browser konnte die Seite nicht aufheben, vielleicht fehlt Platz: Ist die Box weg, öffnet sie sich nicht.',
  full: 'In diesem Browser ist kein Platz mehr: Die letzten bekannten Werte, die er aufhebt, sind von {time}.',
  full_none: 'In diesem Browser ist kein Platz mehr: Er hebt keine letzten bekannten Werte auf.',
  insecure:
    'Diese Seite wurde über einfaches HTTP geöffnet. Installieren lässt sie sich, und ohne die Box öffnen, nur über HTTPS.',
  left_out:
    '{n} weiteres Gerät fehlt hier: In diesem Browser war kein Platz dafür. | {n} weitere Geräte fehlen hier: In diesem Browser war kein Platz dafür.',
  ready: 'Diese Seite lässt sich als App installieren und zeigt ohne die Box die letzten bekannten Werte.',
  reload: 'Neu laden',
  starting: 'Die Seite wird aufgehoben für Zeiten, in denen die Box weg ist …',
  unsupported: 'Dieser Browser kann die Seite nicht aufheben: Ist die Box weg, öffnet sie sich nicht.',
  update: 'Es gibt eine neue Version dieser Seite.',
}
