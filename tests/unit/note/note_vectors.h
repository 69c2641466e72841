/* SPDX-License-Identifier: Apache-2.0 */
/* One checkpoint with its log's and a witness' signature, made by other implementations (docs/formats/note.md §6). */
#ifndef NOTE_VECTORS_H
#define NOTE_VECTORS_H

#define V_LOG_VKEY     "approval.example/log1+2b010405+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
#define V_WITNESS_VKEY "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
#define V_TEXT         "approval.example/log1\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0=\n"
#define V_LOG_SIG      "KwEEBZGpHyDO8bNncPLeD4ceygourbT+JeQhuyQGn6SI5CLW7EBoZa623b+OY0Jql0dlRG1Ac7eyWgTHYdi8GaLI+A4="
#define V_WITNESS_SIG                                                                                                  \
    "IDJKvgAAAABlU/EAleLOsbaMyKcs3kCWwWPZg9m6zQb2l9sIycnk4hO8fB1lk9CydsxzhdqusfsePpIt2J+Qi13/lZ44LIYXhhSRDg=="
#define V_DASH         "\xe2\x80\x94 "
#define V_LOG_LINE     V_DASH "approval.example/log1 " V_LOG_SIG "\n"
#define V_WITNESS_LINE V_DASH "witness.example/w1 " V_WITNESS_SIG "\n"
#define V_NOTE         V_TEXT "\n" V_LOG_LINE V_WITNESS_LINE
#define V_ROOT7        "9139601cc1ca8ab2a7a0c2c134c04845f2b1ba549a83d6c845cfcda439cc585d"

#endif
