// How this page came: what a form sent without scripts has come to is seen only from the page that answers it.
export const [came] = performance.getEntriesByType("navigation");
export const here = location.href.split("#")[0];

/** Whether this page is what the server answered to a form of `page`, and it took it. */
export const taken = (page) => came?.type === "navigate" && document.referrer === page && came.responseStatus < 400
  && document.body.classList.contains("inside");
