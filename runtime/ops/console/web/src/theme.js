// Before the first paint: what the person chose; else the system decides.
try {
  const theme = localStorage.getItem('annals-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch { /* storage is off */ }
