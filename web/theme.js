// Loaded before the first paint, so that a chosen theme never flashes. "auto" follows the system.
(() => {
  const KEY = 'chorus.theme';
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const apply = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const isDark = () => (root.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';

  apply(kept());
  globalThis.chorusTheme = {
    isDark,
    /** To the other one; what the system says anyway is not pinned. */
    toggle() {
      const theme = isDark() ? 'light' : 'dark';
      apply(theme === (dark.matches ? 'dark' : 'light') ? null : theme);
      try {
        if (root.dataset.theme) localStorage.setItem(KEY, root.dataset.theme);
        else localStorage.removeItem(KEY);
      } catch {
        // It lasts as long as the page then.
      }
    },
    onSystemChange(callback) {
      dark.addEventListener('change', callback);
    },
  };
})();
