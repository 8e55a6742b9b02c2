// Who looks, as far as pages must know: rows are rendered for everybody, and the page says what concerns one person.

const { me: name, skills, languages } = document.body.dataset;
const taken = new Set(skills.split(",").filter(Boolean)), spoken = new Set(languages.split(",").filter(Boolean));

export const me = name;

/** Whether this person takes on what a conversation needs, in its language. No skills and no languages: all of them. */
export const fits = ({ needs, language }) => (!taken.size || taken.has(needs)) && (!spoken.size || !language || spoken.has(language));
