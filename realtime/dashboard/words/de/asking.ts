export const asking = {
  first: 'Erste Seite',
  last: 'Letzte Seite',
  next: 'Nächste Seite',
  no: 'Abbrechen',
  page: 'Seite {page} von {pages}',
  pages: 'Seiten dieser Liste',
  previous: 'Vorige Seite',
}
