// Read only by browsers that know no modules; everything else of the page is out of their reach.
document.getElementById("waiting").textContent =
  "This browser is too old for the sandbox. Any browser of the last two years will do.";
