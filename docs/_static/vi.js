// What Sphinx leaves untranslated on the search page.
Documentation.addTranslations({
  locale: "vi",
  plural_expr: "0",
  messages: {
    ", in ": ", trong ",
    "Hide Search Matches": "Bỏ tô từ tìm kiếm",
    "Preparing search...": "Đang chuẩn bị tìm kiếm…",
    "Search Results": "Kết quả tìm kiếm",
    "Search finished, found one page matching the search query.": [
      "Tìm thấy ${resultCount} trang.",
    ],
    "Searching": "Đang tìm",
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      "Không tìm thấy trang nào. Hãy kiểm tra lại chính tả hoặc thử từ khác.",
  },
});
