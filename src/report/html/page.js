'use strict';
const $ = selector => document.querySelector(selector);
const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
const open = (it, is) => { it.open = is; };
const rows = all('.verdicts > tbody');
const openUp = node => { for (let at = node; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true; };

$('.tools').hidden = false;
$('#open').onclick = () => all('details').forEach(it => open(it, true));
$('#close').onclick = () => all('details').forEach(it => open(it, false));
addEventListener('beforeprint', () => all('details').forEach(it => open(it, true)));

const follow = () => {
  const to = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!to) return;
  openUp(to);
  to.scrollIntoView({ block: 'center' });
};
addEventListener('hashchange', follow);
follow();

// A verdict opens wherever its row is clicked.
rows.forEach(body => {
  body.rows[0].addEventListener('click', event => {
    const why = body.querySelector('.why');
    if (event.target.closest('a') || !why || String(getSelection())) return;
    why.open = !why.open;
  });
});

const find = $('#find');
const only = $('#only');
const look = () => {
  const words = find.value.trim().toLowerCase();
  let count = 0;
  let first = null;
  all('.hit').forEach(it => it.classList.remove('hit'));
  if (words !== '') {
    const lines = all('.tree li').map(li => [li, li.firstElementChild.tagName === 'DETAILS' ? li.firstElementChild.firstElementChild : li.firstElementChild]);
    rows.forEach(body => lines.push([body.rows[0], body.rows[0]]));
    lines.forEach(([mark, own]) => {
      if (!own.textContent.toLowerCase().includes(words)) return;
      mark.classList.add('hit');
      count++;
      if (!first) first = own;
      // Not every proof is opened: in a long list only the rows that have a hit stay.
      if (rows.length === 0) openUp(mark.parentElement);
    });
  }
  const group = only ? only.value : '';
  rows.forEach(body => {
    const has = words === '' || body.textContent.toLowerCase().includes(words);
    body.hidden = !has || (group !== '' && body.dataset.status !== group);
  });
  all('.group').forEach(it => { if (words !== '' || group !== '') it.open = true; });
  $('#found').textContent = words === '' ? '' : count + ' found';
  if (first && rows.length === 0) first.scrollIntoView({ block: 'center' });
};
find.oninput = look;
if (only) only.onchange = look;

const themes = ['', 'dark', 'light'];
const names = ['Colours: as the system', 'Colours: dark', 'Colours: light'];
let theme = 0;
$('#theme').onclick = event => {
  theme = (theme + 1) % themes.length;
  if (themes[theme]) document.documentElement.dataset.theme = themes[theme];
  else delete document.documentElement.dataset.theme;
  event.target.textContent = names[theme];
};

// `/` searches, Escape ends that, `j` and `k` go from verdict to verdict, Enter opens what has the focus.
addEventListener('keydown', event => {
  const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    find.focus();
  } else if (event.key === 'Escape' && event.target === find) {
    find.value = '';
    look();
    find.blur();
  } else if ((event.key === 'j' || event.key === 'k') && !isTyping) {
    const stops = all('.why > summary, article > h1').filter(it => it.offsetParent !== null);
    const at = stops.indexOf(document.activeElement);
    const to = stops[Math.min(Math.max(at + (event.key === 'j' ? 1 : -1), 0), stops.length - 1)];
    if (!to) return;
    if (!to.hasAttribute('tabindex') && to.tagName !== 'SUMMARY') to.tabIndex = -1;
    to.focus();
    to.scrollIntoView({ block: 'center' });
  }
});
