/** How long stages wait before they look again, where that is not as long as the parameter says: never longer than that. */
const SHORT_SECONDS = 2;
const MEDIUM_SECONDS = 5;

/** What `${parameter:…}` has beside the parameters themselves. */
function delaysOf({ CheckIntervalSeconds: longest }) {
  return {
    shortDelaySeconds: Math.min(longest, SHORT_SECONDS),
    mediumDelaySeconds: Math.min(longest, MEDIUM_SECONDS),
  };
}

module.exports = { delaysOf };
