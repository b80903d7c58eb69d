// Markup that no page of ours has, and that no reader's text may bring in. Runs in each frame.
() => {
  const found = [];
  const tell = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 160)}`);
  const never = new Set([
    'frame', 'frameset', 'object', 'embed', 'applet', 'portal', 'math', 'foreignobject', 'animate', 'set', 'handler',
    'marquee', 'template', 'noscript', 'xmp', 'plaintext', 'listing', 'audio', 'video', 'source', 'track', 'image',
    'style', 'font', 'dialog', 'x',
  ]);
  const written = new Set(['p', 'br', 'em', 'strong', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a', 's']);
  const acts = /^on|^style$|^srcdoc$|^ping$|^background$|^formaction$|^xlink:|^srcset$/;
  const leads = /^(href|src|action|data|poster)$/;
  const isOurs = url => url.origin === location.origin;

  const lookAt = element => {
    const tag = element.localName;
    const get = name => element.getAttribute(name) || '';
    if (never.has(tag)) tell('no such element', element);
    if (tag === 'script' && !/^(\/static\/|\/admin\/jsi18n\/$)/.test(get('src'))) tell('script', element);
    const isIcon = tag === 'use' && get('xlink:href').startsWith('#icon-');
    if (tag === 'use' && !isIcon) tell('use', element);
    if (tag === 'iframe' && element.id !== 'framed') tell('frame', element);
    if (tag === 'base' && element.hasAttribute('href')) tell('base', element);
    if (tag === 'meta' && element.httpEquiv) tell('meta', element);
    if (tag === 'img' && !/^(data:image|\/static\/)/.test(get('src'))) tell('image', element);
    if (tag === 'form' && !isOurs(new URL(get('action'), location))) tell('form', element);
    for (const { name, value } of element.attributes) {
      if (acts.test(name) && !isIcon) tell(name, element);
      if (leads.test(name) && tag !== 'img') lookAtAddress(element, value);
    }
    const text = element.closest('.comment-text');
    if (text && text !== element) lookAtText(element);
    // The desk underlines and numbers what the checks found.
    if (element.closest('bdi') && !['bdi', 'mark', 'sup', 'span'].includes(tag)) tell('markup in a name', element);
  };

  const lookAtAddress = (element, value) => {
    const url = new URL(value, location);
    if (!/^https?:$/.test(url.protocol)) tell('scheme', element);
    if (!['a', 'iframe'].includes(element.localName) && !isOurs(url)) tell('foreign', element);
  };

  const lookAtText = element => {
    if (!written.has(element.localName)) tell("not a commenter's", element);
    for (const { name } of element.attributes)
      if (element.localName !== 'a' || !['href', 'rel'].includes(name)) tell("not a commenter's", element);
  };

  document.querySelectorAll('*').forEach(lookAt);
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  return [...found, ...[...new Set(twice)].map(id => `id twice: ${id}`)];
}
