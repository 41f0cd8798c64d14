import { visibleText } from './visible-text';

/** Text for a page: markup is escaped, control and direction characters are written out. */
export function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
