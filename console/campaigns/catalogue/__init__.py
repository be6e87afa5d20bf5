"""The catalogue as a sheet: names, categories, list prices, costs, and past prices."""
