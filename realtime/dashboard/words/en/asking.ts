/** What every question before a destructive act, and every list in pages, says. */
export const asking = {
  first: 'First page',
  last: 'Last page',
  next: 'Next page',
  no: 'Cancel',
  page: 'Page {page} of {pages}',
  pages: 'Pages of this list',
  previous: 'Previous page',
}
