// A clip or a picture to be checked.
dropZone(element, {busy: "Reading its marks", came: (path, name) => trigger("came", {path, name})});
