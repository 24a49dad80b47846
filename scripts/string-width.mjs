// Stands in for the package string-width in the bundle: our help texts have one column per character.
export default (text) => [...text].length;
