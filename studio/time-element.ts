import { type Html, html } from './html';

/** A time to the minute, in UTC. */
export function timeElement(time: Date): Html {
  const iso = time.toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace('T', ' ')} UTC</time>`;
}
