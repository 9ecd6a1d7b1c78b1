// Sends the one form of the form_post page. Without JavaScript its button does the same.
document.forms[0].submit();
