// @ts-check
/** Small lines, drawn again with what came later. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {ParentNode} root
 * @param {string[]} lines the points of each
 */
export function drawSpark(root, lines) {
  const place = root.querySelector("[data-spark]");
  place?.replaceChildren(
    ...lines.map((points) => {
      const line = document.createElementNS(SVG, "polyline");
      line.setAttribute("points", points);
      return line;
    }),
  );
}
