"""What PP-OCRv4 reads through the service, against the text that Pillow has drawn: twenty fonts of Debian, 12 to 40 pixels,
plain, with noise, blurred and seen from the side. What counts is Levenshtein's distance, over all characters."""

import unittest

from fixture import AccuracyTest
from rendered import CHINESE_FONTS, FONTS, chinese_line, font_file, latin_line


@unittest.skipUnless(all(map(font_file, FONTS)), "scripts/setup --dev installs the fonts")
class Latin(AccuracyTest):
    def test_letters_and_digits_in_twenty_fonts(self):
        self.assertEqual(len(set(map(font_file, FONTS))), 20)
        # Each font in one way, so that each way has five fonts.
        self.assertLessEqual(self.error_of(FONTS, latin_line, lambda number: [number % 4]), 0.03)


@unittest.skipUnless(all(map(font_file, CHINESE_FONTS)), "scripts/setup --dev installs the fonts")
class Chinese(AccuracyTest):
    def test_characters_in_two_fonts(self):
        self.assertLessEqual(self.error_of(CHINESE_FONTS, chinese_line, lambda _: range(4)), 0.06)


if __name__ == "__main__":
    unittest.main()
